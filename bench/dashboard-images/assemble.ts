import type { Browser } from 'playwright-core'

const GAP = 28

/** Puts screenshots side by side, each in a frame, on a ground that reads well on a light page and on a dark one. */
export async function assemble(browser: Browser, shots: readonly Buffer[], file: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 2_000, height: 1_200 } })
  const images = shots.map((shot) => `<img src="data:image/png;base64,${shot.toString('base64')}">`)
  await page.setContent(`<style>
body { margin: 0; background: #dfe6ee; }
div { display: inline-flex; gap: ${GAP}px; padding: ${GAP}px; align-items: flex-start; }
img { display: block; border-radius: 12px; border: 1px solid #b9c4d1; }
</style><div>${images.join('')}</div>`)
  await page.locator('div').screenshot({ path: file })
  await page.close()
}
