// What the page of renderReport() does in a browser. Each class is embedded by its text: it may refer to nothing outside
// itself. Whatever it hides is there for who has no JavaScript.

/**
 * What the reader asks for.
 *
 * @typedef {object} Filter
 * @property {readonly string[]} words lower case; all must occur
 * @property {ReadonlySet<string>} severities
 * @property {string} code empty for every code
 * @property {string} namespace empty for every namespace
 */

/**
 * A list, or the body of a table, of which the page holds what matches the filter; of that the first only, until asked. The
 * other items are taken off the page: hiding thousands of them costs seconds.
 */
export class ReportList {
  /** More would make a large report slow, and nobody reads so far. */
  #limit = 100;
  #showsAll = false;
  /** @type {readonly HTMLElement[]} */
  #matching = [];

  /**
   * @param {HTMLElement} parent its children are the items
   * @param {(item: HTMLElement, filter: Filter) => number} match how much of the item matches
   */
  constructor(parent, match) {
    this.parent = parent;
    this.match = match;
    /** @type {HTMLElement[]} */
    this.items = [];
    for (const child of parent.children) if (child instanceof HTMLElement) this.items.push(child);
    this.#matching = this.items;
    this.button = this.#companion('.show-all');
    this.none = this.#companion('.no-match');
    this.button.addEventListener('click', () => this.#onShowAll());
  }

  /** @param {string} selector */
  #companion(selector) {
    const found = this.parent.closest('section')?.querySelector(`${selector}[data-list="${this.parent.id}"]`);
    if (!(found instanceof HTMLElement)) throw new Error(`expected ${selector} of ${this.parent.id}`);
    return found;
  }

  /** What the page holds of the list now. */
  get shown() {
    return this.#showsAll ? this.#matching : this.#matching.slice(0, this.#limit);
  }

  /**
   * Gives how much matches in all.
   *
   * @param {Filter} filter
   */
  apply(filter) {
    let total = 0;
    this.#matching = this.items.filter(item => {
      const matches = this.match(item, filter);
      total += matches;
      return matches > 0;
    });
    this.show();
    return total;
  }

  /** @param {(a: HTMLElement, b: HTMLElement) => number} compare */
  order(compare) {
    this.items.sort(compare);
    const matching = new Set(this.#matching);
    this.#matching = this.items.filter(item => matching.has(item));
    this.show();
  }

  showAll() {
    this.#showsAll = true;
    this.show();
  }

  /** @param {readonly HTMLElement[]} [items] instead of what is asked for: on paper all that match */
  show(items = this.shown) {
    const content = document.createDocumentFragment();
    for (const item of items) content.append(item);
    this.parent.replaceChildren(content);
    this.parent.hidden = items.length === 0;
    this.none.hidden = items.length > 0 || this.items.length === 0;
    this.button.hidden = items.length === this.#matching.length;
    this.button.textContent = `Show all ${this.#matching.length.toLocaleString('en-US')}`;
  }

  showMatching() {
    this.show(this.#matching);
  }

  /** The button goes away: who pressed it by key goes on at the first item that it brought. */
  #onShowAll() {
    const next = this.#matching[this.#limit]?.querySelector('summary, a');
    this.showAll();
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
  }
}

/** The page as a whole: its filter, its orders, its keys. */
export class ReportPage {
  /** @type {Map<HTMLElement, string>} */
  #texts = new Map();
  #findings = 0;
  #collator = new Intl.Collator('en', { numeric: true });

  /**
   * @param {Document} document
   * @param {typeof ReportList} List
   */
  constructor(document, List) {
    this.document = document;
    this.form = this.#element('#filter', HTMLFormElement);
    this.textField = this.#element('#filter-text', HTMLInputElement);
    this.result = this.#element('#filter-result', HTMLElement);
    this.owners = new List(this.#element('#owner-list', HTMLElement), (item, filter) => this.#matchOwner(item, filter));
    this.#findings = this.owners.parent.querySelectorAll('.finding').length;
    this.tables = ['#account-rows', '#role-rows'].flatMap(id => {
      const body = document.querySelector(id);
      if (!(body instanceof HTMLElement)) return [];
      return [new List(body, (item, filter) => (this.#matchRow(item, filter) ? 1 : 0))];
    });
  }

  /**
   * @template {HTMLElement} T
   * @param {string} selector
   * @param {new () => T} type
   */
  #element(selector, type) {
    const found = this.document.querySelector(selector);
    if (!(found instanceof type)) throw new Error(`expected ${selector} on the page`);
    return found;
  }

  start() {
    this.form.hidden = false;
    this.form.addEventListener('input', () => this.#apply());
    this.form.addEventListener('submit', event => event.preventDefault());
    // The fields have their first values only after the event.
    this.form.addEventListener('reset', () => setTimeout(() => this.#apply()));
    this.document.addEventListener('keydown', event => this.#onKey(event));
    this.document.addEventListener('click', event => this.#onClick(event));
    addEventListener('beforeprint', () => this.#lists().forEach(list => list.showMatching()));
    addEventListener('afterprint', () => this.#lists().forEach(list => list.show()));
    this.#prepareFindings();
    for (const table of this.tables) this.#makeSortable(table);
    this.#apply();
    this.#reveal(location.hash)?.scrollIntoView();
  }

  #lists() {
    return [this.owners, ...this.tables];
  }

  /** @returns {Filter} */
  #filter() {
    return {
      words: this.textField.value
        .toLowerCase()
        .split(/\s+/)
        .filter(word => word !== ''),
      severities: new Set(new FormData(this.form).getAll('severity').map(String)),
      code: this.#element('#filter [name=code]', HTMLSelectElement).value,
      namespace: this.#element('#filter [name=namespace]', HTMLSelectElement).value,
    };
  }

  #apply() {
    const filter = this.#filter();
    const findings = this.owners.apply(filter);
    const counts = [this.#share(findings, this.#findings, 'finding')];
    for (const table of this.tables) {
      const what = table.parent.dataset['what'] ?? '';
      counts.push(this.#share(table.apply(filter), table.items.length, what));
    }
    this.result.textContent = counts.join(' · ');
    this.form.classList.toggle('active', this.#isActive(filter));
  }

  /** @param {Filter} filter */
  #isActive({ words, severities, code, namespace }) {
    const boxes = this.form.querySelectorAll('[name=severity]').length;
    return words.length > 0 || severities.size < boxes || code !== '' || namespace !== '';
  }

  /**
   * @param {number} part
   * @param {number} whole
   * @param {string} one
   */
  #share(part, whole, one) {
    const all = `${whole.toLocaleString('en-US')} ${one}${whole === 1 ? '' : 's'}`;
    return part === whole ? all : `${part.toLocaleString('en-US')} of ${all}`;
  }

  /**
   * @param {HTMLElement} owner
   * @param {Filter} filter
   */
  #matchOwner(owner, filter) {
    const here = filter.namespace === '' || owner.dataset['namespace'] === filter.namespace;
    const ownerText = here && filter.words.length > 0 ? this.#textOf(owner, 'summary') : '';
    let matches = 0;
    for (const finding of owner.querySelectorAll('.finding')) {
      if (!(finding instanceof HTMLElement)) continue;
      finding.hidden = !(here && this.#matchFinding(finding, ownerText, filter));
      if (!finding.hidden) matches += 1;
    }
    return matches;
  }

  /**
   * @param {HTMLElement} finding
   * @param {string} ownerText
   * @param {Filter} filter
   */
  #matchFinding(finding, ownerText, { words, severities, code }) {
    if (!severities.has(finding.dataset['severity'] ?? '')) return false;
    if (code !== '' && finding.dataset['code'] !== code) return false;
    if (words.length === 0) return true;
    const text = `${ownerText} ${this.#textOf(finding, '.found')}`;
    return words.every(word => text.includes(word));
  }

  /**
   * @param {HTMLElement} row
   * @param {Filter} filter
   */
  #matchRow(row, { words, namespace }) {
    const found = words.every(word => this.#textOf(row, ':scope').includes(word));
    if (!found || namespace === '') return found;
    if (row.dataset['namespace'] === namespace) return true;
    return [...row.querySelectorAll('li')].some(item => item.dataset['namespace'] === namespace);
  }

  /**
   * The text of a part, in lower case; read once, for a large report has megabytes of it.
   *
   * @param {HTMLElement} element
   * @param {string} part
   */
  #textOf(element, part) {
    let text = this.#texts.get(element);
    if (text === undefined) {
      text = ((part === ':scope' ? element : element.querySelector(part))?.textContent ?? '').toLowerCase();
      this.#texts.set(element, text);
    }
    return text;
  }

  #prepareFindings() {
    this.#element('#finding-tools', HTMLElement).hidden = this.owners.items.length < 2;
    const original = new Map(this.owners.items.map((item, index) => [item, index]));
    const order = this.#element('#finding-order', HTMLSelectElement);
    order.addEventListener('change', () => {
      this.owners.order((a, b) => {
        const first = (original.get(a) ?? 0) - (original.get(b) ?? 0);
        if (order.value === 'name') return this.#collator.compare(this.#ownerName(a), this.#ownerName(b)) || first;
        if (order.value === 'pods') return Number(b.dataset['pods']) - Number(a.dataset['pods']) || first;
        return first;
      });
    });
    this.#element('#open-all', HTMLElement).addEventListener('click', () => this.#openShown(true));
    this.#element('#close-all', HTMLElement).addEventListener('click', () => this.#openShown(false));
  }

  /** @param {HTMLElement} owner */
  #ownerName({ dataset }) {
    return `${dataset['namespace'] ?? ''} ${dataset['name'] ?? ''}`;
  }

  /** @param {boolean} open */
  #openShown(open) {
    for (const item of this.owners.shown) {
      const details = item.querySelector('details');
      if (details !== null) details.open = open;
    }
  }

  /**
   * Without the script a header is text; with it, a button that orders the rows by its column.
   *
   * @param {ReportList} list
   */
  #makeSortable(list) {
    const headers = [...(list.parent.closest('table')?.querySelectorAll('thead th') ?? [])];
    for (const [column, header] of headers.entries()) {
      const button = this.document.createElement('button');
      button.type = 'button';
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener('click', () => {
        const descending = header.getAttribute('aria-sort') === 'ascending';
        for (const other of headers) other.removeAttribute('aria-sort');
        header.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
        const sign = descending ? -1 : 1;
        list.order((a, b) => sign * this.#collator.compare(this.#cell(a, column), this.#cell(b, column)));
      });
    }
  }

  /**
   * @param {HTMLElement} row
   * @param {number} column
   */
  #cell(row, column) {
    const cell = row.children[column];
    return cell instanceof HTMLElement ? (cell.dataset['value'] ?? cell.textContent) : '';
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { target } = event;
    if (!(target instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '/' && target.closest('input, select, textarea') === null) {
      event.preventDefault();
      this.textField.focus();
      this.textField.select();
    }
    if (event.key === 'Escape' && this.form.contains(target)) this.form.reset();
  }

  /** @param {MouseEvent} event */
  #onClick({ target }) {
    const link = target instanceof Element ? target.closest('a[href^="#"]') : null;
    if (link !== null) this.#reveal(link.getAttribute('href') ?? '');
  }

  /**
   * Makes sure that the target of a link is not among what is hidden.
   *
   * @param {string} hash
   */
  #reveal(hash) {
    const id = hash.slice(1);
    const list = this.tables.find(({ items }) => items.some(item => item.id === id));
    if (list !== undefined && this.document.getElementById(id) === null) {
      this.form.reset();
      this.#apply();
      if (this.document.getElementById(id) === null) list.showAll();
    }
    return this.document.getElementById(id);
  }
}
