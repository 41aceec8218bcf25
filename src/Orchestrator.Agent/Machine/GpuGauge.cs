using System.Collections.Immutable;
using System.ComponentModel;
using System.Globalization;
using Orchestrator.Agent.Processes;

namespace Orchestrator.Agent.Machine;

/// <summary>
/// Asks nvidia-smi now and then how busy each GPU of the machine is, beside everything else: a driver that hangs holds up nobody, and is asked ever less often. It is not safe for several threads.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="ask">Gives what nvidia-smi prints, a line for each GPU; it gives null where that failed. Null: there is nothing to ask.</param>
internal sealed class GpuGauge(TimeProvider time, Func<CancellationToken, Task<string?>>? ask)
{
    /// <summary>A question costs some tenths of a second of one core.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PauseMax = TimeSpan.FromHours(1);

    private Task<ImmutableArray<double?>>? round;
    private ImmutableArray<double?> latest = [];
    private TimeSpan pause = Every;
    private long? askedAt;

    /// <summary>Of GPUs that were declared nobody knows which of nvidia-smi's they are: they are not looked at.</summary>
    public static GpuGauge Of(AgentOptions options, TimeProvider time) => new(
        time,
        options.Gpus is null && SearchPath.Find("nvidia-smi", Environment.GetEnvironmentVariable("PATH") ?? "") is { } program ? cancellation => MachineInfo.AskAsync(program, "utilization.gpu", cancellation) : null);

    /// <summary>How busy each was when it was last asked, 0 to 1, in the order of the machine's GPUs; null: of this one it is not known. Empty: of none.</summary>
    public ImmutableArray<double?> Look(CancellationToken cancellationToken)
    {
        if (round is { IsCompleted: true } over)
        {
            latest = over.IsCompletedSuccessfully ? over.Result : [];
            pause = !latest.IsEmpty ? Every : pause * 2 < PauseMax ? pause * 2 : PauseMax;
            round = null;
        }

        if (ask is not null && round is null && (askedAt is not { } before || time.GetElapsedTime(before) >= pause))
        {
            askedAt = time.GetTimestamp();
            round = AskAsync(ask, cancellationToken);
        }

        return latest;
    }

    /// <summary>One line for each GPU, in percent; what is no number is not known.</summary>
    public static ImmutableArray<double?> Parse(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(static line => double.TryParse(line, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) ? Math.Min(1, percent / 100) : (double?)null)];

    private async Task<ImmutableArray<double?>> AskAsync(Func<CancellationToken, Task<string?>> how, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return Parse(await how(either.Token) ?? "");
        }
        catch (Exception unusable) when (unusable is Win32Exception or IOException or OperationCanceledException)
        {
            // Nothing is known then, and it is asked again later.
            return [];
        }
    }
}
