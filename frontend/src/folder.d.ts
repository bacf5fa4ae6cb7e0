// build.mjs: the default export of every module in a folder, in order of their names.
declare module "folder:*" {
  const modules: readonly unknown[];
  export default modules;
}
