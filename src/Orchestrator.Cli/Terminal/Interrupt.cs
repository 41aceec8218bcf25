using System.Runtime.InteropServices;

namespace Orchestrator.Cli.Terminal;

/// <summary>Turns Ctrl-C and SIGTERM into cancellation; the second Ctrl-C is a token of its own.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource first;
    private readonly CancellationTokenSource second = new();
    private readonly PosixSignalRegistration[] registrations;

    public Interrupt(CancellationToken outer)
    {
        first = CancellationTokenSource.CreateLinkedTokenSource(outer);
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Raise), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Raise)];
    }

    public CancellationToken First => first.Token;

    public CancellationToken Second => second.Token;

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        first.Dispose();
        second.Dispose();
    }

    private void Raise(PosixSignalContext context)
    {
        context.Cancel = true;
        (first.IsCancellationRequested ? second : first).Cancel();
    }
}
