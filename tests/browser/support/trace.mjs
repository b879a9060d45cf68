// What the browser's own trace tells about a page.

const CATEGORIES = ['', '.stack', '.invalidationTracking'].map((part) => `disabled-by-default-devtools.timeline${part}`);

// The layouts while `action` runs and until all that it started is drawn, its
// animations included:
//
// count       how many there were
// forced      the scripts that asked for a size or a place and so forced one
// dirty       the objects to lay out when one began, ancestors included, of all
// invalidated the nodes that changed or lost their layout, also while one ran
export async function layouts(page, action) {
  const browser = await page.context().browser().newBrowserCDPSession();
  const events = [];
  browser.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const includedCategories = ['devtools.timeline', ...CATEGORIES];
  await browser.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories } });
  await action();
  await settled(page);
  const complete = new Promise((resolve) => browser.once('Tracing.tracingComplete', resolve));
  await browser.send('Tracing.end');
  await complete;
  await browser.detach();

  const debug = await page.context().newCDPSession(page);
  const { frameTree: { frame } } = await debug.send('Page.getFrameTree');
  await debug.detach();
  const all = events.filter(({ name, args }) => name === 'Layout' && args.beginData?.frame === frame.id);
  const nodes = events.filter(({ name, args }) => name === 'LayoutInvalidationTracking' && args.data.frame === frame.id);
  return {
    count: all.length,
    forced: all.flatMap(({ args }) => args.beginData.stackTrace ?? []).map(({ functionName, url }) => `${functionName} ${url}`),
    dirty: all.reduce((sum, { args }) => sum + args.beginData.dirtyObjects, 0),
    invalidated: new Set(nodes.map(({ args }) => args.data.nodeId)).size,
  };
}

// Returns when the browser has drawn what is there, and animations have ended. An
// observer of sizes reports with the next frame, whatever the page's clock says.
export async function settled(page) {
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => new ResizeObserver((_, observer) => {
      observer.disconnect();
      resolve();
    }).observe(document.documentElement));
    const ending = () => document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity);
    do {
      await frame();
      await Promise.allSettled(ending().map((one) => one.finished));
    } while (ending().length > 0);
    await frame();
  });
}
