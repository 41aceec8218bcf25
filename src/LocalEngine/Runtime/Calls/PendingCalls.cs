
namespace Orleans.Local;

/// <summary>The calls of one silo or client that wait for an answer. Striped, so that callers do not meet on one lock.</summary>
internal sealed class PendingCalls : IDisposable
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMilliseconds(250);

    private readonly Stripe[] stripes;
    private readonly TimeProvider clock;
    private readonly ITimer timer;

    public PendingCalls(TimeProvider clock)
    {
        this.clock = clock;
        stripes = [.. Enumerable.Range(0, 16).Select(_ => new Stripe())];
        using (Flow.Suppress())
        {
            timer = clock.CreateTimer(static state => ((PendingCalls)state!).Sweep(), this, SweepPeriod, SweepPeriod);
        }
    }

    public void Add(GrainCall call)
    {
        call.Deadline = clock.GetTimestamp() + (long)(call.Timeout.TotalSeconds * clock.TimestampFrequency);
        stripes[Environment.CurrentManagedThreadId & 15].Add(call);
    }

    public void FailAll(Func<GrainCall, Exception> error)
    {
        foreach (var call in stripes.SelectMany(stripe => stripe.Where(static _ => true)))
        {
            call.Fail(error(call));
        }
    }

    public void Dispose() => timer.Dispose();

    private void Sweep()
    {
        var now = clock.GetTimestamp();
        foreach (var call in stripes.SelectMany(stripe => stripe.Where(call => call.Deadline <= now)))
        {
            if (call.Caller!.CancelRequestOnTimeout)
            {
                call.TryCancel();
            }

            call.Fail(new TimeoutException($"Response did not arrive on time in {call.Timeout} for message: {call}."));
        }
    }

    internal sealed class Stripe
    {
        private readonly Lock gate = new();
        private GrainCall? first;

        public void Add(GrainCall call)
        {
            lock (gate)
            {
                call.PendingStripe = this;
                call.PendingNext = first;
                if (first is not null)
                {
                    first.PendingPrevious = call;
                }

                first = call;
            }
        }

        public void Remove(GrainCall call)
        {
            lock (gate)
            {
                if (call.PendingPrevious is { } previous)
                {
                    previous.PendingNext = call.PendingNext;
                }
                else if (ReferenceEquals(first, call))
                {
                    first = call.PendingNext;
                }

                if (call.PendingNext is { } next)
                {
                    next.PendingPrevious = call.PendingPrevious;
                }

                call.PendingNext = null;
                call.PendingPrevious = null;
                call.PendingStripe = null;
            }
        }

        public List<GrainCall> Where(Func<GrainCall, bool> condition)
        {
            var found = new List<GrainCall>();
            lock (gate)
            {
                for (var call = first; call is not null; call = call.PendingNext)
                {
                    if (condition(call))
                    {
                        found.Add(call);
                    }
                }
            }

            return found;
        }
    }
}
