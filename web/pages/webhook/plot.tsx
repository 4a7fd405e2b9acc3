import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import uPlot from 'uplot';
import { axisTime, number, shortTime } from '../../format.ts';
import { colorChanges, onColorChange } from '../../theme.ts';
import { words } from '../../words/index.ts';
import type { Mark } from './marks.ts';
import styles from './plot.module.css';

export interface Series {
  name: string;
  /** Name of a variable. */
  color: string;
  values: (number | null)[];
  isFilled?: boolean;
}

interface Props {
  label: string;
  /** In seconds. */
  times: number[];
  series: Series[];
  marks: Mark[];
  unit?: string;
  range?: [number, number];
  isBars?: boolean;
}
const HEIGHT_PX = 190;

/** A chart over time. What it shows is in the table, too: for those who do not see it, this is a picture with a name. */
export function Plot({ label, times, series, marks, unit = '', range, isBars }: Props) {
  const place = useRef<HTMLDivElement>(null);
  // What is drawn has the colours of when it was.
  const colors = useSyncExternalStore(onColorChange, colorChanges);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: color('--ph-ink-3'),
      grid: { stroke: color('--ph-line'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui',
    };
    const step = ((times[1] ?? 0) - (times[0] ?? 0)) / 2;
    const bars = isBars && uPlot.paths.bars?.({ size: [0.75, 40] });
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        legend: { live: true },
        cursor: { drag: { x: false, y: false } },
        scales: {
          x: { range: (_plot, low, high) => [low - step, high + step] },
          y: { range: range ?? ((_plot, _low, high) => [0, Math.max(1, high * 1.1)]) },
        },
        axes: [
          { ...axis, values: (_plot, ticks) => ticks.map(axisTime), space: 60 },
          { ...axis, size: 54, values: (_plot, ticks) => ticks.map((tick) => `${number(tick, 1)}${unit}`) },
        ],
        series: [
          {
            label: words.common.time,
            value: (_plot: uPlot, at: number | null) =>
              at === null ? '–' : shortTime(new Date(at * 1000).toISOString()),
          },
          ...series.map((one) => ({
            label: one.name,
            stroke: color(one.color),
            width: isBars ? 0 : 2,
            ...(one.isFilled && { fill: color(one.color) }),
            ...(bars ? { paths: bars } : {}),
            points: { show: !isBars && one.values.filter((value) => value !== null).length < 3 },
            spanGaps: true,
            value: (_plot: uPlot, value: number | null) =>
              value === null ? '–' : `${number(value, 1)}${unit}`,
          })),
        ],
        hooks: { draw: [(drawn) => drawMarks(drawn, marks, color('--ph-ink-2'))] },
      },
      [times, ...series.map(({ values }) => values)],
      element,
    );
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: HEIGHT_PX }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [times, series, marks, unit, range, isBars, colors]);
  return <div ref={place} role="img" aria-label={label} className={styles.plot} />;
}

function drawMarks({ ctx, bbox, valToPos }: uPlot, marks: readonly Mark[], color: string): void {
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.fillStyle = color;
  ctx.font = `${10 * ratio}px system-ui`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  let freeFrom = -Infinity;
  for (const { atSeconds, text } of marks.toReversed()) {
    const x = valToPos(atSeconds, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(text).width;
    const left = Math.min(x + 3 * ratio, bbox.left + bbox.width - width);
    if (left < freeFrom) continue;
    ctx.fillText(text, left, bbox.top + 9 * ratio);
    freeFrom = left + width + 6 * ratio;
  }
  ctx.restore();
}
