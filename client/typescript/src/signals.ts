/** Waiting for AbortSignals, with one listener for each, however many calls share it: Node warns of more than ten. */

interface Watched {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const watched = new WeakMap<AbortSignal, Watched>();

/** Has `callback` called when `signal` is aborted, until what is returned is called. Without a signal, nothing happens. */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (!signal) return () => {};
  const { callbacks } = watched.get(signal) ?? watch(signal);
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (!callbacks.size) unwatch(signal);
  };
}

function watch(signal: AbortSignal): Watched {
  const callbacks = new Set<() => void>();
  const listener = () => {
    for (const callback of callbacks) callback();
  };
  const made = { callbacks, listener };
  watched.set(signal, made);
  signal.addEventListener("abort", listener);
  return made;
}

function unwatch(signal: AbortSignal): void {
  const found = watched.get(signal);
  if (!found || found.callbacks.size) return;
  watched.delete(signal);
  signal.removeEventListener("abort", found.listener);
}
