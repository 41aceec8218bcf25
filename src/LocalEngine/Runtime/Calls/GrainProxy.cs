using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>A reference that makes calls. The emitted classes derive from it and answer the interface.</summary>
internal abstract class GrainProxy(CallNode node, GrainId grainId, GrainInterfaceType interfaceType) : GrainReference(grainId, interfaceType)
{
    private Activation? lastCallee;

    public CallNode Node => CurrentNode(out _);

    /// <summary>The activation that answered last: spares a look into the directory while it lives.</summary>
    public Activation? LastCallee { get => lastCallee; set => lastCallee = value; }

    internal override IGrainFactory Factory => Node.Factory;

    internal override object CastTo(Type interfaceType) => Node.Factory.Reference(interfaceType, GrainId);

    /// <summary>Sends the call; false if nobody waits for its answer.</summary>
    public bool Send(GrainCall call)
    {
        // A reference may have been made elsewhere: the call is that of whose turn runs.
        var sender = CurrentNode(out var source);
        return sender.Send(call, this, source);
    }

    private CallNode CurrentNode(out Activation? source)
    {
        source = RuntimeContext.Current as Activation;
        return source?.Silo ?? node;
    }
}
