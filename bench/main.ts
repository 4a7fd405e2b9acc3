/** `npm run bench`: see README.md. */
import { cpus } from 'node:os';
import { relative } from 'node:path';
import { nowMs } from './clock.ts';
import type { LoadHandlers } from './load/process.ts';
import { circumstances } from './machine.ts';
import { FULL, QUICK, readOptions, type Options } from './options.ts';
import { profileLines } from './profile/profiler.ts';
import { table, tableRow, writeReport, type Report, type Result } from './report.ts';
import { forkService } from './rpc.ts';
import { chooseScenarios, SCENARIOS, type Scenario } from './scenarios/index.ts';
import { cpuMs, machineCpuMs } from './servers/processes.ts';
import { startStack } from './servers/stack.ts';
import type { SinkHandlers } from './sink/process.ts';
import { rounded } from './statistics.ts';
import { World, type Parts } from './world.ts';
import { runYardstick } from './yardstick.ts';

const say = (line: string) => console.log(line);

async function main(options: Options): Promise<void> {
  const scenarios = chooseScenarios(options.scenarios, options.quick);
  if (options.list) {
    for (const { name, about } of SCENARIOS) say(`${name.padEnd(15)}${about}`);
    return;
  }
  const sizes = { ...(options.quick ? QUICK : FULL), ...(options.rows && { grownRows: options.rows }) };
  say(`Starting Postgres and Temporal (${options.stack}) …`);
  const stack = await startStack(options.stack, say);
  const sink = forkService<SinkHandlers>(new URL('./sink/process.js', import.meta.url));
  const load = forkService<LoadHandlers>(new URL('./load/process.js', import.meta.url));
  const stop = async () => {
    sink.stop();
    load.stop();
    await stack.stop();
  };
  process.once('SIGINT', () => void stop().finally(() => process.exit(130)));
  process.once('SIGTERM', () => void stop().finally(() => process.exit(143)));
  try {
    const parts: Parts = { stack, sink, load, sinkPort: await sink.call.listen(), sizes, options };
    const report: Report = {
      startedAt: new Date().toISOString(),
      ...circumstances(stack),
      stack: options.stack,
      quick: options.quick,
      settings: options.settings,
      sizes,
      results: [],
    };
    let number = 0;
    for (const scenario of scenarios) {
      for (let run = 1; run <= options.repeat; run += 1) {
        say(`\n${scenario.name}${options.repeat > 1 ? ` (${run})` : ''}: ${scenario.about}`);
        const result = await runScenario(scenario, parts, ++number, run);
        report.results.push(result);
        say(tableRow(result));
        for (const line of result.outcome?.details ?? []) say(line);
        for (const profile of result.outcome?.profiles ?? [])
          for (const line of profileLines(profile, result.outcome!.deliveries)) say(line);
        for (const [message, count] of Object.entries(result.warnings))
          say(`  Posthorn warned ${count} ×: ${message}`);
        if (result.error) say(result.error);
      }
    }
    say(`\n${table(report)}\n\nWritten to ${relative(process.cwd(), writeReport(report))}.`);
    const bad = report.results.filter(
      ({ outcome }) => !outcome || outcome.lost > 0 || outcome.unrecorded > 0,
    );
    if (bad.length > 0) process.exitCode = 1;
  } finally {
    await stop();
  }
}

async function runScenario(scenario: Scenario, parts: Parts, number: number, run: number): Promise<Result> {
  const othersShare = watchOthers(parts);
  const yardstick = await runYardstick(parts);
  const world = new World(parts, number, scenario.name);
  const result: Result = {
    scenario: scenario.name,
    about: scenario.about,
    run,
    yardstick,
    peakMib: 0,
    othersShare: 0,
    warnings: {},
  };
  try {
    await world.open();
    result.outcome = await scenario.run(world);
  } catch (error) {
    result.error = (error as Error).stack ?? String(error);
  } finally {
    // The processes together: with roles apart, all of them are Posthorn.
    const alive = world.processes.filter((posthorn) => posthorn.hasEnded === null);
    const peaks = (alive.length > 1 ? [alive.reduce((sum, one) => sum + one.peakMib(), 0)] : []).concat(
      world.processes.map((posthorn) => posthorn.peakMib()),
    );
    result.peakMib = Math.max(0, ...peaks);
    result.othersShare = othersShare(world);
    await world.close();
    result.warnings = world.warnings();
  }
  return result;
}

/** The share of the machine's CPU that went to none of our processes, or that its host kept, during a run. */
function watchOthers(parts: Parts): (world: World) => number {
  const ours = (posthorn: number) => {
    const { temporal, postgres } = parts.stack.cpuMs();
    const own = [process.pid, parts.load.pid, parts.sink.pid].map((pid) => cpuMs(pid) ?? 0);
    return [posthorn, temporal, postgres, ...own].reduce((sum, ms) => sum + ms);
  };
  const [machine, before, sinceMs] = [machineCpuMs(), ours(0), nowMs()];
  return (world) => {
    const after = machineCpuMs();
    if (!machine || !after) return 0;
    const all = after.busy + after.stolen - machine.busy - machine.stolen;
    const share = (all - (ours(world.usage().posthorn) - before)) / ((nowMs() - sinceMs) * cpus().length);
    return Math.max(0, rounded(share));
  };
}

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
