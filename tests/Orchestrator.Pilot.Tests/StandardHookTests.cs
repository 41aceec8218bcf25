using System.Text;
using Orchestrator.Pilot.Hooks;

namespace Orchestrator.Pilot.Tests;

public sealed class StandardHookTests
{
    [Fact]
    public void Who_sends_a_result_does_not_wait_for_whoever_reads_it()
    {
        using var reads = new ManualResetEventSlim();
        using var output = new Unread(reads);
        using (var hook = new StandardHook(TextReader.Null, output, new Nobody(), static () => { }))
        {
            hook.Send(new(0, 1, "first"));
            hook.Send(new(1, 1, "second"));
            output.Text.ShouldBe("");
            reads.Set();
        }

        output.Text.ShouldBe("first\nsecond\n");
    }

    /// <summary>A pipe that is full until somebody reads.</summary>
    private sealed class Unread(ManualResetEventSlim reads) : TextWriter
    {
        private readonly StringBuilder text = new();

        public override Encoding Encoding => Encoding.UTF8;

        public string Text => text.ToString();

        public override void Write(string? value)
        {
            reads.Wait(TimeSpan.FromMinutes(1)).ShouldBeTrue();
            text.Append(value);
        }
    }

    private sealed class Nobody : IHookOwner
    {
        public void Answered(HookResult result, string answer)
        {
        }

        public void Warn(string text)
        {
        }
    }
}
