using System.Runtime.InteropServices;

namespace Climate.Protocol;

/// <summary>
/// Turns signals into requests that the step loop looks at: TERM and INT ask to leave with a checkpoint, USR1 asks for a checkpoint.
/// A second INT ends the program at once, as a person at a terminal expects.
/// </summary>
internal sealed class LeaveRequest : IDisposable
{
    private const PosixSignal Usr1 = (PosixSignal)10;

    private readonly ManualResetEventSlim asked = new();
    private readonly List<PosixSignalRegistration> registrations = [];
    private int checkpoints, interrupts;

    public bool Asked => asked.IsSet;

    public void Ask() => asked.Set();

    public void Listen()
    {
        registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            asked.Set();
        }));
        registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = Interlocked.Increment(ref interrupts) == 1;
            asked.Set();
        }));
        if (OperatingSystem.IsLinux())
        {
            registrations.Add(PosixSignalRegistration.Create(Usr1, context =>
            {
                context.Cancel = true;
                Interlocked.Increment(ref checkpoints);
            }));
        }
    }

    /// <summary>Whether a checkpoint was asked for since the last call.</summary>
    public bool TakeCheckpoint() => Interlocked.Exchange(ref checkpoints, 0) > 0;

    /// <summary>Waits so long, or until asked to leave.</summary>
    public void Wait(TimeSpan time) => asked.Wait(time);

    public void Dispose()
    {
        registrations.ForEach(r => r.Dispose());
        asked.Dispose();
    }
}
