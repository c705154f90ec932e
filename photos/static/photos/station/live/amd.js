// LiteRT's loader is a script for pages and old workers. It hands itself to whoever defines AMD
// modules; in a module worker that is this. It is imported before the loader.

self.define = (_names, make) => {
  self.ModuleFactory = make();
};
self.define.amd = true;

// The loader is there already, so nothing is left to import.
self.importScripts = () => {};
