// Writes THIRD-PARTY-NOTICES.md: every package that a program is built from, with its licence. infra/pack runs it.
//   node infra/licences.mjs VERSION FOLDER PROGRAM...    FOLDER holds the bills of materials, PROGRAM is a folder of services/
// It fails when a package, also one of the tests, names no licence or one that is not listed here, and when a bill lacks a package.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

// Each may be combined with work under the EUPL-1.2: they ask for their notice, not for their own licence.
const allowed = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Zlib']);

const [version, folder, ...programs] = process.argv.slice(2);
const faults = [];

/** What was restored for a project; null where that project is no longer there, or never was one. */
function assetsOf(project) {
  const file = join('artifacts/obj', project, 'project.assets.json');
  const assets = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  return assets && existsSync(assets.project.restore.projectPath) ? assets : null;
}

/** The packages of a project: name, version, the folder where it lies and the files there. */
function packagesOf(project) {
  const assets = assetsOf(project);
  if (!assets) throw new Error(`${project} is not restored: build it first.`);
  return Object.entries(assets.libraries).filter(([, library]) => library.type === 'package').map(([name, library]) => {
    const home = Object.keys(assets.packageFolders).map(root => join(root, library.path)).find(path => existsSync(path));
    const [id, number] = name.split('/');
    return { name: `${id} ${number}`, id, version: number, home, files: library.files };
  });
}

/** What the package says of itself. */
function read({ name, home, files }) {
  const nuspec = readFileSync(join(home, files.find(file => file.endsWith('.nuspec'))), 'utf8');
  const value = pattern => (nuspec.match(pattern)?.[1] ?? '').replaceAll(/\s+/g, ' ').trim();
  const licence = value(/<license\s+type="expression"[^>]*>([^<]+)</);
  // One of several alternatives is enough. What has brackets or an exception is looked at by people first.
  if (!licence.split(' OR ').some(choice => choice.split(' AND ').every(part => allowed.has(part)))) {
    faults.push(`${name} has ${licence ? `the licence ${licence}, which is not allowed` : 'no licence by its SPDX identifier'}.`);
  }
  return { licence, holder: value(/<copyright>([^<]+)</) || value(/<authors>([^<]+)</), page: value(/<projectUrl>([^<]+)</) };
}

const shipped = new Map();
for (const program of programs.map(path => basename(path))) {
  const bill = JSON.parse(readFileSync(join(folder, `beschutwerk-${program.toLowerCase()}-${version}.cdx.json`), 'utf8'));
  const billed = new Set(bill.components.map(component => `${component.name} ${component.version}`));
  for (const found of packagesOf(program)) {
    shipped.set(found.name, found);
    if (!billed.has(found.name)) faults.push(`${found.name} is not in the bill of materials of ${program}.`);
  }
}

// Those of the tests are not shipped, but whoever changes the platform gets them.
for (const project of readdirSync('artifacts/obj').filter(assetsOf)) {
  for (const found of packagesOf(project).filter(one => !shipped.has(one.name))) read(found);
}

const rows = [...shipped.values()].sort((one, other) => one.name.localeCompare(other.name, 'en'))
  .map(found => ({ ...found, ...read(found) }));
const link = part => (part === 'OR' || part === 'AND' ? part : `[${part}](https://spdx.org/licenses/${part}.html)`);
const links = text => text.replaceAll(/[A-Za-z0-9.-]+/g, link);
const cell = text => text.replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('|', '\\|');

// What packages bring as texts, each text once.
const texts = new Map();
for (const { name, home, files } of rows) {
  for (const file of files.filter(path => /^(licen[cs]e|notice|third-?party-?notices)(\.(txt|md))?$/i.test(path))) {
    const text = readFileSync(join(home, file), 'utf8').replaceAll('\r\n', '\n').trim();
    texts.set(text, [...(texts.get(text) ?? []), `${name} (${file})`]);
  }
}

if (faults.length > 0) {
  console.error([...new Set(faults)].sort().join('\n'));
  process.exit(1);
}

writeFileSync(join(folder, 'THIRD-PARTY-NOTICES.md'), [
  '# What others wrote',
  '',
  `The platform for sheltered work ${version} is built from these packages. It needs the ASP.NET Core Runtime, which is not in it.`,
  '',
  '| package | version | licence | copyright | page |',
  '|---|---|---|---|---|',
  ...rows.map(row => `| ${row.id} | ${row.version} | ${links(row.licence)} | ${cell(row.holder)} | ${row.page} |`),
  '',
  ...[...texts].flatMap(([text, names]) => [`## ${names.join(', ')}`, '', ...text.split('\n').map(line => `    ${line}`.trimEnd()), '']),
].join('\n'));
console.log(`${rows.length} packages, all under licences that are allowed; bills of materials of ${programs.length} programs.`);
