using System.Runtime.InteropServices;

namespace Orchestrator.Cli.Terminal;

/// <summary>Turns Ctrl-C, SIGTERM and the loss of the terminal into cancellation; the second Ctrl-C is a token of its own.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource first;
    private readonly CancellationTokenSource second = new();
    private readonly PosixSignalRegistration[] registrations;

    public Interrupt(CancellationToken outer)
    {
        first = CancellationTokenSource.CreateLinkedTokenSource(outer);
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Raise), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Raise),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, HangUp),
        ];
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

    /// <summary>The shell and the kernel may each say it: that is no second wish of anybody.</summary>
    private void HangUp(PosixSignalContext context)
    {
        context.Cancel = true;
        first.Cancel();
    }

    private void Raise(PosixSignalContext context)
    {
        context.Cancel = true;
        (first.IsCancellationRequested ? second : first).Cancel();
    }
}
