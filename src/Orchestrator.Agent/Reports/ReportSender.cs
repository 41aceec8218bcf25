using Orchestrator.Abstractions.Gateway;
using Orchestrator.Agent.Attempts;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Reports;

/// <summary>
/// Delivers what lies in the spools: of each attempt in order, and each report until it is acknowledged. A gateway that is away is asked again ever more rarely; an attempt
/// whose reports it refuses does not hold up the others.
/// </summary>
internal sealed class ReportSender(AgentContext agent, Func<IReadOnlyCollection<AttemptRunner>> attempts, GatewayWatch gateway)
{
    private const int BatchMax = 64;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<AttemptRunner, (DateTimeOffset Next, TimeSpan Pause)> held = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (true)
        {
            if (await RoundAsync(cancellationToken))
            {
                pause = FirstPause;
                await agent.Reports.WaitAsync(held.Count > 0 ? FirstPause : TimeSpan.FromSeconds(30), cancellationToken);
            }
            else
            {
                await Task.Delay(pause, agent.Time, cancellationToken);
                pause = pause * 2 < agent.Options.RetryMax ? pause * 2 : agent.Options.RetryMax;
            }
        }
    }

    /// <summary>False when the gateway is away.</summary>
    private async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        var known = attempts();
        foreach (var gone in held.Keys.Where(attempt => !known.Contains(attempt)).ToList())
        {
            held.Remove(gone);
        }

        foreach (var attempt in known)
        {
            while (attempt.Spool.HasWaiting && !(held.TryGetValue(attempt, out var hold) && agent.Time.GetUtcNow() < hold.Next))
            {
                try
                {
                    if (await DeliverAsync(attempt, cancellationToken))
                    {
                        held.Remove(attempt);
                    }
                    else
                    {
                        Hold(attempt);
                    }

                    gateway.Answered();
                }
                catch (GatewayException refused) when (!refused.IsTransient)
                {
                    agent.Logger.ReportsRefused(attempt.Attempt, refused.Message);
                    Hold(attempt);
                }
                catch (GatewayException away)
                {
                    gateway.Away("reports", away.Message);
                    return false;
                }
                catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
                {
                    // A full disk, as a rule. Nothing was said that is not stored.
                    agent.Logger.PartFailed("reports", failure);
                    Hold(attempt);
                }
                catch (ObjectDisposedException)
                {
                    // The attempt was forgotten meanwhile.
                    break;
                }
            }
        }

        return true;
    }

    /// <summary>False when the same would be refused at once again.</summary>
    private async Task<bool> DeliverAsync(AttemptRunner attempt, CancellationToken cancellationToken)
    {
        var reports = attempt.Spool.Waiting(BatchMax);
        if (reports.IsEmpty)
        {
            return true;
        }

        var replies = await agent.Gateway.ReportAsync(agent.Options.Node, reports, cancellationToken);
        if (replies.Length != reports.Length)
        {
            throw new GatewayException($"The gateway answered {reports.Length} reports with {replies.Length} replies.", isTransient: false);
        }

        foreach (var (report, reply) in reports.Zip(replies))
        {
            if (reply.Verdict == ReportVerdict.OutOfOrder)
            {
                attempt.Spool.Rewind();
                return false;
            }

            attempt.Spool.Acknowledge(report.Sequence);
            if (reply.Instruction == ReportInstruction.Discard)
            {
                attempt.Spool.Drop();
            }

            attempt.Answer(report, reply);
        }

        return true;
    }

    private void Hold(AttemptRunner attempt)
    {
        var pause = held.TryGetValue(attempt, out var before) ? before.Pause * 2 : FirstPause;
        pause = pause < agent.Options.RetryMax ? pause : agent.Options.RetryMax;
        held[attempt] = (agent.Time.GetUtcNow() + pause, pause);
    }
}
