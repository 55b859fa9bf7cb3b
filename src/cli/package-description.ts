/** The parts of package.json that the program reads. */
import type { Interfaces } from '@oclif/core';

export type PackageDescription = Interfaces.PJSON;
