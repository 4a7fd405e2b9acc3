import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { dirname, extname, join } from 'node:path';
import { minify } from 'terser';

/**
 * Bundles the workflows that `workflowsPath` exports (sources or built files) into the one script that workers
 * run. Used by the build and by the tests, so that both run the same bundle.
 */
export async function bundleWorkflows(workflowsPath: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    // That of the workers, and what it cannot read fails no task.
    payloadConverterPath: join(dirname(workflowsPath), `payload-converter${extname(workflowsPath)}`),
    logger: new DefaultLogger('WARN'),
    // Positions in our files for errors, without the files themselves: each thread would keep them in memory.
    webpackConfigHook: (config) => ({ ...config, devtool: 'inline-nosources-source-map' }),
  });
  return withoutComments(code);
}

/**
 * A third of what it was, and all ASCII: each process keeps it twice, in two bytes per character where one is not Latin. Names and
 * statements stay, for they show in histories and in stack traces. So do lines, at no cost: Node puts the whole line in front of what
 * workflow code throws, into the log and the history of a task that fails.
 */
async function withoutComments(bundle: string): Promise<string> {
  const { code } = await minify(bundle, {
    compress: false,
    mangle: false,
    format: { comments: false, ascii_only: true, semicolons: false },
    // The SDK names the script after the file.
    sourceMap: { content: 'inline', url: 'inline', filename: 'workflow-bundle.js' },
  });
  return code!;
}
