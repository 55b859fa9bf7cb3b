export { compileGlob, type Glob } from '../keyspace/glob.js';
