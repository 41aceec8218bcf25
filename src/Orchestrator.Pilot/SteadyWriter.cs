using System.Text;

namespace Orchestrator.Pilot;

/// <summary>Lines that nobody depends on: what cannot be written, as on a full disk, is left out, told once, and tried again with the next line.</summary>
internal sealed class SteadyWriter(TextWriter inner, Action<IOException> failed) : TextWriter
{
    private bool hasFailed;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(static (to, value) => to.Write(value), value);

    public override void Write(string? value) => Try(static (to, value) => to.Write(value), value);

    public override void WriteLine(string? value) => Try(static (to, value) => to.WriteLine(value), value);

    public override void Flush() => Try(static (to, _) => to.Flush(), 0);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Flush();
        }

        base.Dispose(disposing);
    }

    private void Try<T>(Action<TextWriter, T> write, T value)
    {
        try
        {
            write(inner, value);
        }
        catch (IOException fault)
        {
            if (!hasFailed)
            {
                hasFailed = true;
                failed(fault);
            }
        }
    }
}
