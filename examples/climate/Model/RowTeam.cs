namespace Climate.Model;

/// <summary>
/// Runs a phase over bands of rows on a fixed number of threads. Each row is computed by one thread from the phase before, and sums are
/// taken per row and then in row order, so the number of threads never changes a bit.
/// </summary>
internal sealed class RowTeam : IDisposable
{
    private readonly int rows, threads;
    private readonly Barrier? start, end;
    private Action<int, int>? phase;
    private Exception? fault;
    private volatile bool closing;

    public RowTeam(int rows, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        this.rows = rows;
        this.threads = Math.Min(threads, rows);
        if (this.threads == 1)
        {
            return;
        }

        start = new Barrier(this.threads);
        end = new Barrier(this.threads);
        for (var t = 1; t < this.threads; t++)
        {
            var band = t;
            new Thread(() => Work(band)) { IsBackground = true, Name = $"rows {band}" }.Start();
        }
    }

    /// <summary>Calls the phase with (first row, row after the last) of every band and returns when all are done.</summary>
    public void Run(Action<int, int> rowsPhase)
    {
        if (threads == 1)
        {
            rowsPhase(0, rows);
            return;
        }

        phase = rowsPhase;
        start!.SignalAndWait();
        RunBand(0);
        end!.SignalAndWait();
        if (fault is { } thrown)
        {
            throw new InvalidOperationException("A phase failed on a thread of the team.", thrown);
        }
    }

    public void Dispose()
    {
        // The barriers are left to the collector: a thread may still be on its way out of the last one.
        if (threads > 1 && !closing)
        {
            closing = true;
            start!.SignalAndWait();
        }
    }

    private void Work(int band)
    {
        while (true)
        {
            start!.SignalAndWait();
            if (closing)
            {
                return;
            }

            RunBand(band);
            end!.SignalAndWait();
        }
    }

    private void RunBand(int band)
    {
        try
        {
            phase!(rows * band / threads, rows * (band + 1) / threads);
        }
        catch (Exception thrown) when (band != 0)
        {
            Interlocked.CompareExchange(ref fault, thrown, null);
        }
    }
}
