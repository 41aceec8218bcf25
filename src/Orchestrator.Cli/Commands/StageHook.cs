using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.Core.Ids;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator stage hook SIMULATION -- COMMAND</c>: a program that answers results with new work.</summary>
internal static class StageHook
{
    public static DocumentedCommand Create()
    {
        var (simulation, data) = (StageCommand.Simulation(), CommonOptions.Data());
        var tries = new Option<int>("--tries") { Description = "How often it is started again for one result, when it ends without having answered.", HelpName = "N", DefaultValueFactory = static _ => 5 };
        var program = new Argument<string[]>("COMMAND") { Description = "A program and its arguments, after --.", Arity = ArgumentArity.OneOrMore };
        var command = new DocumentedCommand(
            "hook",
            "Let a program add work by the results of work, until the simulation ends. It is started once, reads one result a line (JSON) and answers each with one line: {} for nothing, or {\"stages\": {…}} in the words of the campaign file. When it dies it is started again, and the result that it did not answer is sent again.",
            ["orchestrator stage hook s-fit-1 -- python3 refine.py"],
            (ExitCodes.Success, "the simulation has ended"), DocumentedCommand.Usage, DocumentedCommand.NotFound, (ExitCodes.Refused, "refused; or the program died again and again without an answer"))
        { simulation, tries, data, program };
        command.SetAction(CommandContext.Action(data, CommonOptions.Json(), async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            await using var hook = new HookProgram(parsed.GetRequiredValue(program), parsed.GetValue(tries), context.Error);
            await DynamicWork.RunAsync(
                client, new SimulationId(parsed.GetRequiredValue(simulation)), hook.AnswerAsync,
                (result, wrong) => context.Error.WriteLine($"the answer to {result.Stage} was refused: {wrong.Message}"), cancellationToken);
            return ExitCodes.Success;
        }));
        return command;
    }
}

/// <summary>A program that runs on and on: a line in, a line out.</summary>
internal sealed class HookProgram(string[] command, int tries, TextWriter error) : IAsyncDisposable
{
    private Process? process;

    /// <summary>Null: no new work.</summary>
    /// <exception cref="CommandException">It cannot be started, or ended as often as it may without an answer.</exception>
    public async Task<string?> AnswerAsync(StageResult result, CancellationToken cancellationToken)
    {
        for (var left = Math.Max(1, tries); left > 0; left--)
        {
            var running = process ??= Start();
            try
            {
                await running.StandardInput.WriteLineAsync(result.ToLine().AsMemory(), cancellationToken);
                await running.StandardInput.FlushAsync(cancellationToken);
                if (await running.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
                {
                    return IsNothing(line) ? null : line;
                }
            }
            catch (IOException)
            {
                // It closed its input: it is gone, or about to be.
            }

            await error.WriteLineAsync($"{command[0]} ended without an answer to {result.Stage}{(left > 1 ? "; it is started again" : "")}".AsMemory(), cancellationToken);
            await EndAsync();
        }

        throw new CommandException($"{command[0]} ended {tries} times without an answer to {result.Stage}", ExitCodes.Refused);
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    private Process Start()
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in command[1..])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return Process.Start(start) ?? throw new CommandException($"{command[0]} cannot be started", ExitCodes.Unreadable);
        }
        catch (System.ComponentModel.Win32Exception unknown)
        {
            throw new CommandException($"{command[0]} cannot be started: {unknown.Message}", ExitCodes.Unreadable);
        }
    }

    /// <summary>Its end is asked for by the end of its input; what does not go is killed.</summary>
    private async Task EndAsync()
    {
        if (process is not { } running)
        {
            return;
        }

        process = null;
        using (running)
        {
            running.StandardInput.Dispose();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            try
            {
                await running.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                running.Kill(entireProcessTree: true);
            }
        }
    }

    private static bool IsNothing(string line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return true;
        }

        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Null || (document.RootElement.ValueKind == JsonValueKind.Object && !document.RootElement.EnumerateObject().Any());
        }
        catch (JsonException)
        {
            // The gateway says what is wrong with it.
            return false;
        }
    }
}
