import { Argument, type Command } from 'commander';
import { COMPLETION_SCRIPTS } from '../complete.ts';
import { withExamples } from '../examples.ts';

export function addCompletion(program: Command): void {
  const completion = program
    .command('completion')
    .summary('what makes your shell complete commands')
    .description('Print a script that makes the shell complete commands, options and their values.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(COMPLETION_SCRIPTS)))
    .action((shell: string) => void process.stdout.write(COMPLETION_SCRIPTS[shell]!));
  withExamples(
    completion,
    ['completion bash >> ~/.bashrc', 'bash, from the next shell on'],
    ['completion zsh > ~/.zsh/completions/_posthorn', 'zsh, with that folder in fpath before compinit'],
    ['completion fish > ~/.config/fish/completions/posthorn.fish', 'fish'],
  );
}
