// What a page keeps, through a debugger session: DOM nodes and memory.

// Bytes of the script heap after garbage collection, and of the linear memory of
// wasm modules, which is not part of it.
export async function memory(debug) {
  await debug.send('HeapProfiler.enable');
  await debug.send('HeapProfiler.collectGarbage');
  const { usedSize } = await debug.send('Runtime.getHeapUsage');
  const { result: prototype } = await debug.send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype' });
  const { objects } = await debug.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
  const { result } = await debug.send('Runtime.callFunctionOn', {
    objectId: objects.objectId,
    functionDeclaration: 'function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }',
    returnByValue: true,
  });
  for (const { objectId } of [prototype, objects]) await debug.send('Runtime.releaseObject', { objectId });
  return usedSize + result.value;
}

// Nodes of the document only; detached nodes that leak show up as memory.
export async function documentNodes(page) {
  return page.evaluate(() => {
    const walker = document.createTreeWalker(document);
    let count = 0;
    while (walker.nextNode()) count += 1;
    return count;
  });
}
