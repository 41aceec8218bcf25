using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Abstractions;
using Orchestrator.Cli.Terminal;
using Orchestrator.Client;
using Orchestrator.Core.Ids;

namespace Orchestrator.Cli.Commands;

/// <summary>What a command works with, and the one place where faults become one line and an exit status.</summary>
internal sealed class CommandContext
{
    private static readonly JsonSerializerOptions Indented = new(WireJson.Options) { WriteIndented = true, TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    private CommandContext(ParseResult parsed, string? data, bool json)
    {
        Output = parsed.InvocationConfiguration.Output;
        Error = parsed.InvocationConfiguration.Error;
        Json = json;
        Data = DataDirectory.Find(data);
        Style = Style.For(Output);
    }

    public TextWriter Output { get; }

    public TextWriter Error { get; }

    public bool Json { get; }

    /// <summary>Absolute.</summary>
    public string Data { get; }

    public Style Style { get; }

    public TimeProvider Clock { get; } = TimeProvider.System;

    /// <summary>Makes the action of a command.</summary>
    public static Func<ParseResult, CancellationToken, Task<int>> Action(Option<string?>? data, Option<bool>? json, Func<CommandContext, ParseResult, CancellationToken, Task<int>> run) =>
        async (parsed, cancellationToken) =>
        {
            var context = new CommandContext(parsed, data is null ? null : parsed.GetValue(data), json is not null && parsed.GetValue(json));
            try
            {
                return await run(context, parsed, cancellationToken);
            }
            catch (OrchestratorClientException fault)
            {
                return context.Report(fault);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidIdException or CommandException)
            {
                context.Error.WriteLine(fault.Message);
                return fault is CommandException { Status: var status } ? status : ExitCodes.Unreadable;
            }
        };

    /// <summary>A client with the patience of a person: an absent gateway is told at once.</summary>
    public OrchestratorClient Connect() => OrchestratorClient.ForDirectory(Data, new OrchestratorClientOptions { RetryUnreachableFor = TimeSpan.Zero, RetryFor = TimeSpan.FromSeconds(10) });

    public void WriteJson<T>(T value) => Output.WriteLine(JsonSerializer.Serialize(value, Indented));

    /// <summary>One line, for streams.</summary>
    public void WriteJsonLine<T>(T value)
    {
        Output.WriteLine(JsonSerializer.Serialize(value, WireJson.Options));
        Output.Flush();
    }

    /// <summary>One line, or a line for each mistake of the input.</summary>
    public int Report(OrchestratorClientException fault, string? file = null)
    {
        if (fault.IsUnreachable)
        {
            Error.WriteLine(fault.Message.StartsWith("nothing runs on", StringComparison.Ordinal) ? $"nothing runs on {Data}: start it with `orchestrator up`" : fault.Message);
            return ExitCodes.NotFound;
        }

        foreach (var problem in fault.Problems)
        {
            var place = file is null ? "" : problem.Line > 0 ? $"{file}:{problem.Line}:{problem.Column}: " : $"{file}: ";
            Error.WriteLine($"{place}{(problem.Path.Length > 0 ? problem.Path + ": " : "")}{problem.Message.TrimEnd('.')}{(problem.Allowed is { Length: > 0 } allowed ? $"; allowed: {allowed}" : "")}");
        }

        if (fault.Problems.Length != 1)
        {
            Error.WriteLine(fault.Message);
        }

        return (int)fault.Status! switch
        {
            400 or 413 or 415 or 422 => ExitCodes.Unreadable,
            401 or 403 or 409 => ExitCodes.Refused,
            404 or 410 or 429 or >= 500 => ExitCodes.NotFound,
            _ => ExitCodes.Refused,
        };
    }
}
