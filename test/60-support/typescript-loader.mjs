/**
 * Lets plain Node run our sources: `node --import ./test/60-support/typescript-loader.mjs file.ts`, also for worker
 * threads through `execArgv`. Imports of `./x.js` find `./x.ts`; types are stripped without checking.
 */
import { existsSync, readFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';

const loading = new URL(import.meta.url).searchParams.has('hooks');
if (!loading) register(`${import.meta.url}?hooks`);

let typescript;

export async function resolve(specifier, context, next) {
  if (!specifier.startsWith('.') && !specifier.startsWith('file:')) return next(specifier, context);
  const url = new URL(specifier, context.parentURL);
  if (url.pathname.endsWith('.js') && !existsSync(fileURLToPath(url)))
    url.pathname = url.pathname.replace(/\.js$/, '.ts');
  return next(url.href, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  typescript ??= (await import('typescript')).default;
  const { ModuleKind, ScriptTarget } = typescript;
  const source = typescript.transpile(readFileSync(fileURLToPath(url), 'utf8'), {
    module: ModuleKind.ESNext,
    target: ScriptTarget.ES2022,
    verbatimModuleSyntax: true,
    inlineSourceMap: true,
  });
  return { format: 'module', shortCircuit: true, source };
}
