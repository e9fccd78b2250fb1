export type FakeResource = 'serviceaccounts' | 'configmaps';

/** The kind of a resource's objects. */
export const kindOf: { readonly [resource in FakeResource]: string } = {
  serviceaccounts: 'ServiceAccount',
  configmaps: 'ConfigMap',
};

export interface FakeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}

/** What a caller gives of an object; name, namespace and version are ours. */
export interface FakeFields {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly data?: Readonly<Record<string, string>>;
}

export interface FakeEvent {
  readonly resource: FakeResource;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: FakeObject;
  readonly version: number;
}

/** The objects of the fake API server with one version for all, as etcd has, and the history that watches read. */
export class FakeObjects {
  readonly #objects = new Map<string, { readonly resource: FakeResource; readonly object: FakeObject }>();
  readonly #listeners = new Set<(event: FakeEvent) => void>();
  #history: FakeEvent[] = [];
  #version = 1000;
  #compactedVersion = 0;

  /** Version of the newest change. */
  get version(): number {
    return this.#version;
  }

  /** Watches from before this version answer 410. */
  get compactedVersion(): number {
    return this.#compactedVersion;
  }

  put(resource: FakeResource, namespace: string, name: string, fields: FakeFields = {}): FakeObject {
    const type = this.get(resource, namespace, name) === undefined ? 'ADDED' : 'MODIFIED';
    const object = this.putUnseen(resource, namespace, name, fields);
    this.#tell({ resource, type, object, version: this.#version });
    return object;
  }

  /** Only reads and lists have it: to those who follow by a watch its event has not come yet. */
  putUnseen(resource: FakeResource, namespace: string, name: string, fields: FakeFields = {}): FakeObject {
    const object = this.#create(namespace, name, fields);
    this.#objects.set(`${resource}/${namespace}/${name}`, { resource, object });
    return object;
  }

  delete(resource: FakeResource, namespace: string, name: string): void {
    const key = `${resource}/${namespace}/${name}`;
    const known = this.#objects.get(key);
    if (known === undefined) throw new Error(`expected ${key} to exist`);
    this.#objects.delete(key);
    const { annotations } = known.object.metadata;
    const object = this.#create(namespace, name, annotations === undefined ? {} : { annotations });
    this.#tell({ resource, type: 'DELETED', object, version: this.#version });
  }

  get(resource: FakeResource, namespace: string, name: string): FakeObject | undefined {
    return this.#objects.get(`${resource}/${namespace}/${name}`)?.object;
  }

  /** All objects now; the list does not change afterwards. */
  list(resource: FakeResource, selects: (object: FakeObject) => boolean): readonly FakeObject[] {
    return [...this.#objects.values()]
      .filter(entry => entry.resource === resource && selects(entry.object))
      .map(entry => entry.object);
  }

  /** Changes after this version. */
  since(resource: FakeResource, version: number): readonly FakeEvent[] {
    return this.#history.filter(event => event.resource === resource && event.version > version);
  }

  /** Forgets the history, as etcd does every five minutes. */
  compact(): void {
    this.#history = [];
    this.#compactedVersion = this.#version;
  }

  /** Turns the version back, as a cluster restored from a backup does. */
  rewind(version: number): void {
    this.#version = version;
    this.#history = [];
    this.#compactedVersion = 0;
  }

  subscribe(listener: (event: FakeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #create(namespace: string, name: string, { annotations, data }: FakeFields): FakeObject {
    this.#version += 1;
    const metadata = {
      name,
      namespace,
      resourceVersion: String(this.#version),
      ...(annotations ? { annotations } : {}),
    };
    return { metadata, ...(data ? { data } : {}) };
  }

  #tell(event: FakeEvent): void {
    this.#history.push(event);
    for (const listener of this.#listeners) listener(event);
  }
}
