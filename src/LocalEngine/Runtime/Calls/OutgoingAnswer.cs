namespace Orleans.Local;

/// <summary>A call as it is sent behind outgoing filters: the same call, whose answer goes to the filters first.</summary>
internal sealed class OutgoingAnswer(GrainCall outer)
{
    private readonly Forwarded inner = new(outer);

    public GrainCall Inner => inner;

    public Task<object?> Task => inner.Answer;

    private sealed class Forwarded : GrainCall<object?>
    {
        private readonly GrainCall outer;

        public Forwarded(GrainCall outer)
        {
            this.outer = outer;
            CallerToken = outer.CallerToken;
            Begin(outer.Caller!);
        }

        public override MethodDescriptor Descriptor => outer.Descriptor;

        public override object? GetArgument(int index) => outer.GetArgument(index);

        public override void SetArgument(int index, object value) => outer.SetArgument(index, value);

        public override bool TryCancel()
        {
            outer.Callee = Callee;
            return outer.TryCancel();
        }

        protected override async ValueTask<object?> RunTargetAsync(object target)
        {
            await outer.RunAsync(target);
            return outer.ResultObject;
        }
    }
}
