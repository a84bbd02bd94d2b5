// Every language has every text with the same placeholders, plural forms are those of the language, and every key that
// the source names literally exists.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src/", import.meta.url));
const locales = join(source, "locales");
const problems = [];
const PLURAL = /_(zero|one|two|few|many|other)$/;

function flat(value, prefix = "") {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "object" ? flat(inner, `${prefix}${key}.`) : [[`${prefix}${key}`, inner]],
  );
}

function read(language, file) {
  return new Map(flat(JSON.parse(readFileSync(join(locales, language, file), "utf8"))));
}

/** Keys without plural endings, with the endings that were found. */
function grouped(texts) {
  const groups = new Map();
  for (const [key, text] of texts) {
    const stem = key.replace(PLURAL, "");
    // Some keys end so by chance: a text that counts has at least these two forms, in every language.
    const plural = texts.has(`${stem}_one`) && texts.has(`${stem}_other`) ? PLURAL.exec(key) : null;
    const name = plural ? stem : key;
    const group = groups.get(name) ?? { forms: new Set(), text };
    if (plural) group.forms.add(plural[1]);
    if (!plural || plural[1] === "other") group.text = text;
    groups.set(name, group);
  }
  return groups;
}

const placeholders = (text) => [...new Set(text.match(/\{\{\s*-?\s*\w+|<\/?\w+>/g) ?? [])].toSorted().join(" ");

function compare(language, file, english) {
  const where = `${language}/${file}`;
  let own;
  try {
    own = grouped(read(language, file));
  } catch (error) {
    return problems.push(`${where}: ${error.message}`);
  }
  const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  for (const [key, { forms, text }] of english) {
    const found = own.get(key);
    if (!found) problems.push(`${where}: ${key} is missing`);
    else if (placeholders(found.text) !== placeholders(text)) problems.push(`${where}: ${key} has other placeholders`);
    else if (forms.size) {
      const missing = needed.filter((form) => !found.forms.has(form));
      if (missing.length) problems.push(`${where}: ${key} has no form ${missing.join(", ")}`);
    }
  }
  for (const key of own.keys()) if (!english.has(key)) problems.push(`${where}: ${key} is not in English`);
}

function sources(at = source) {
  return readdirSync(at).flatMap((name) => {
    const path = join(at, name);
    if (statSync(path).isDirectory()) return ["client", "locales"].includes(name) ? [] : sources(path);
    return /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name) ? [path] : [];
  });
}

const files = readdirSync(join(locales, "en"));
const english = new Map(files.map((file) => [file.replace(".json", ""), grouped(read("en", file))]));
for (const language of readdirSync(locales))
  for (const file of files) compare(language, file, english.get(file.replace(".json", "")));

for (const path of sources()) {
  const text = readFileSync(path, "utf8");
  const namespaces = [...text.matchAll(/useTranslation\(\s*\[?\s*"([\w-]+)"/g)].map((match) => match[1]);
  if (!namespaces.length && /useTranslation\(\)/.test(text)) namespaces.push("common");
  if (!namespaces.length) continue;
  for (const [, given] of text.matchAll(/\bt\(\s*"([\w:.-]+)"/g)) {
    const [namespace, key] = given.includes(":") ? given.split(":") : [null, given];
    const tried = namespace ? [namespace] : namespaces;
    if (!tried.some((one) => english.get(one)?.has(key)))
      problems.push(`${path.slice(source.length)}: no text ${tried.join("|")}:${key}`);
  }
}

if (problems.length) {
  console.error(problems.join("\n"));
  process.exit(1);
}
