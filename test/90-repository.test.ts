import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, normalize } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/runtime/paths.js';

// The habits of the house, kept by a test instead of by memory.

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
  cwd: packageRoot,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(packageRoot, file)));

const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8');
const sources = files.filter((file) => /^(src|hil|models|native)\/.*\.(ts|mjs|js|cc|h)$/.test(file));
const typescript = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
const texts = files.filter((file) => !/^test\/golden\/|^package-lock\.json$/.test(file) && !isBinary(file));

function isBinary(file: string): boolean {
  return readFileSync(join(packageRoot, file)).subarray(0, 8000).includes(0);
}

function parsed(file: string): ts.SourceFile {
  return ts.createSourceFile(file, read(file), ts.ScriptTarget.ES2022, true);
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => {
    walk(child, visit);
  });
}

/** Paths inside the repository that a file imports, statically, as a type, or by `import()` of a literal. */
function importsOf(file: string): string[] {
  const found: string[] = [];
  walk(parsed(file), (node) => {
    let specifier: ts.Node | undefined;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) specifier = node.moduleSpecifier;
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      specifier = node.argument.literal;
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      specifier = node.arguments[0];
    }
    if (specifier !== undefined && ts.isStringLiteral(specifier) && specifier.text.startsWith('.')) {
      found.push(normalize(join(dirname(file), specifier.text)));
    }
  });
  return found;
}

/** `file:line text` of every line that matches. */
function linesMatching(among: readonly string[], pattern: RegExp): string[] {
  return among.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
  );
}

describe('files', () => {
  it('of source code are at most 400 lines', () => {
    expect(sources.length).toBeGreaterThan(50);
    const long = sources.map((file) => ({ file, lines: read(file).split('\n').length - 1 }));
    expect(long.filter(({ lines }) => lines > 400)).toEqual([]);
  });

  it('LICENSE and NOTICE are there', () => {
    expect(read('LICENSE')).toContain('Apache License');
    expect(read('NOTICE').length).toBeGreaterThan(50);
  });

  it('are small, and no video is among them', () => {
    const large = files.filter((file) => statSync(join(packageRoot, file)).size > 1024 * 1024);
    expect(large).toEqual([]);
    expect(files.filter((file) => /\.(mp4|mkv|webm|avi|mov)$/.test(file))).toEqual([]);
  });

  it('name no absolute path of somebody’s machine', () => {
    const path = /(^|[\s"'`(=:])\/(home|root|Users|work|mnt)\/[\w.-]/;
    expect(linesMatching(texts, path)).toEqual([]);
  });

  it('leave nothing undone', () => {
    const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`);
    expect(linesMatching(texts, marks)).toEqual([]);
  });

  it('of documentation link only to what exists', () => {
    const broken = files
      .filter((file) => extname(file) === '.md')
      .flatMap((file) =>
        [...read(file).matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)[^)]*\)/g)]
          .map(([, link]) => normalize(join(dirname(file), decodeURI(link))))
          .filter((target) => !existsSync(join(packageRoot, target)))
          .map((target) => `${file} -> ${target}`),
      );
    expect(broken).toEqual([]);
  });
});

describe('TypeScript', () => {
  it('has no way around its types', () => {
    const escapes = typescript.flatMap((file) => {
      const found: string[] = [];
      walk(parsed(file), (node) => {
        if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${file}: any`);
      });
      return found;
    });
    expect(escapes).toEqual([]);
    const comments = new RegExp(['@ts-' + '(ignore|nocheck|expect-error)', 'eslint-' + 'disable'].join('|'));
    expect(linesMatching(typescript, comments)).toEqual([]);
  });

  it('skips no test', () => {
    const skipped = /\b(it|test|describe|suite)\.(skip|only|todo)\b/;
    expect(
      linesMatching(
        typescript.filter((file) => file.startsWith('test/')),
        skipped,
      ),
    ).toEqual([]);
  });
});

describe('imports', () => {
  const graph = typescript
    .filter((file) => file.startsWith('src/'))
    .flatMap((file) => importsOf(file).map((target) => ({ file, target })));
  const show = ({ file, target }: { file: string; target: string }) => `${file} -> ${target}`;
  const folder = (path: string) => /^src\/(\w+)\//.exec(path)?.[1] ?? '';

  it('are seen', () => {
    expect(graph.length).toBeGreaterThan(50);
  });

  it('of src never reach the bench; its commands are mounted by name in src/cli/main.ts', () => {
    expect(graph.filter(({ target }) => target.startsWith('hil/')).map(show)).toEqual([]);
  });

  it('of src reach the model converters from the command line only', () => {
    const reaching = graph.filter(
      ({ file, target }) => target.startsWith('models/') && folder(file) !== 'cli',
    );
    expect(reaching.map(show)).toEqual([]);
  });

  it('driver and assistant never meet except in the store and in fusion.ts', () => {
    const pairs = graph.map(({ file, target }) => [folder(file), folder(target)].sort().join('+'));
    expect(pairs).not.toContain('assistant+driver');
  });

  it('point down only', () => {
    // A folder may import itself and what stands in a lower row.
    const rows = [
      ['runtime'],
      ['can', 'camera', 'audio'],
      ['vehicle'],
      ['driver', 'assistant'],
      ['api', 'cockpit'],
      ['service'],
      ['cli', 'commonjs'],
    ];
    /** They put together what fusion.ts is. */
    const aboveFusion = ['', 'service', 'cli', 'commonjs'];
    const rowOf = (path: string) => rows.findIndex((row) => row.includes(folder(path)));
    const wrong = graph.filter(
      ({ file, target }) =>
        folder(file) !== '' &&
        folder(target) !== folder(file) &&
        folder(file) !== 'cli' &&
        rowOf(target) >= rowOf(file),
    );
    const intoTop = graph.filter(
      ({ file, target }) => !aboveFusion.includes(folder(file)) && /^src\/[\w-]+\.js$/.test(target),
    );
    expect([...wrong, ...intoTop].map(show)).toEqual([]);
  });
});
