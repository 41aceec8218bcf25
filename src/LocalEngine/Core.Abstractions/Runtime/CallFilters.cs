using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans;

/// <summary>A call on its way.</summary>
public interface IGrainCallContext
{
    /// <summary>The call itself.</summary>
    IInvokable Request { get; }

    /// <summary>The instance on the callee's side; the reference on the caller's.</summary>
    object Grain { get; }

    /// <summary>The grain that calls; null if a client does.</summary>
    GrainId? SourceId { get; }

    /// <summary>The grain that is called.</summary>
    GrainId TargetId { get; }

    /// <summary>The interface that is called.</summary>
    GrainInterfaceType InterfaceType { get; }

    /// <summary>The interface's name with its namespace.</summary>
    string InterfaceName { get; }

    /// <summary>The method's name.</summary>
    string MethodName { get; }

    /// <summary>The method of the interface.</summary>
    MethodInfo InterfaceMethod { get; }

    /// <summary>The result, once <see cref="Invoke"/> has ended.</summary>
    object? Result { get; set; }

    /// <summary>The outcome, once <see cref="Invoke"/> has ended.</summary>
    Response? Response { get; set; }

    /// <summary>Goes on with the call.</summary>
    Task Invoke();
}

/// <summary>A call that arrives.</summary>
public interface IIncomingGrainCallContext : IGrainCallContext
{
    /// <summary>The activation that is called.</summary>
    IGrainContext TargetContext { get; }

    /// <summary>The method of the class.</summary>
    MethodInfo ImplementationMethod { get; }
}

/// <summary>A call that is made.</summary>
public interface IOutgoingGrainCallContext : IGrainCallContext
{
    /// <summary>The activation that calls; null if a client does.</summary>
    IGrainContext? SourceContext { get; }
}

/// <summary>Stands before calls that arrive: one of the silo, or the grain itself.</summary>
public interface IIncomingGrainCallFilter
{
    /// <summary>Sees the call and goes on with it, or does not.</summary>
    Task Invoke(IIncomingGrainCallContext context);
}

/// <summary>Stands before calls that are made.</summary>
public interface IOutgoingGrainCallFilter
{
    /// <summary>Sees the call and goes on with it, or does not.</summary>
    Task Invoke(IOutgoingGrainCallContext context);
}

/// <summary>A filter as a function.</summary>
public delegate Task GrainCallFilterDelegate(IGrainCallContext context);

/// <summary>A filter of calls that arrive, as a function.</summary>
public delegate Task IncomingGrainCallFilterDelegate(IIncomingGrainCallContext context);

/// <summary>A filter of calls that are made, as a function.</summary>
public delegate Task OutgoingGrainCallFilterDelegate(IOutgoingGrainCallContext context);
