// Stands for the package of the same name, which throws outside Next's bundler.
export {};
