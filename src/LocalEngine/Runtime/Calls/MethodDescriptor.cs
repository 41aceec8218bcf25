using System.Collections.Concurrent;
using System.Reflection;
using Orleans.CodeGeneration;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>What is known of a method of a grain interface before it is called.</summary>
internal sealed class MethodDescriptor
{
    private readonly ConcurrentDictionary<Type, MethodInfo> implementations = new();

    public MethodDescriptor(MethodInfo method)
    {
        Method = method;
        InterfaceType = method.DeclaringType!;
        Interface = GrainNames.InterfaceOf(InterfaceType);
        InterfaceName = InterfaceType == typeof(IGrainTimerInvoker) ? nameof(IGrainTimerInvoker) : InterfaceType.FullName ?? InterfaceType.Name;
        Options = (method.IsDefined(typeof(OneWayAttribute)) || method.ReturnType == typeof(void) ? InvokeMethodOptions.OneWay : 0)
            | (method.IsDefined(typeof(ReadOnlyAttribute)) ? InvokeMethodOptions.ReadOnly : 0)
            | (method.IsDefined(typeof(AlwaysInterleaveAttribute)) ? InvokeMethodOptions.AlwaysInterleave : 0);
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        ResultIsImmutable = method.ReturnParameter.IsDefined(typeof(ImmutableAttribute), false);
        ArgumentCount = method.GetParameters().Count(p => p.ParameterType != typeof(CancellationToken));
        IsCancellable = method.GetParameters().Any(p => p.ParameterType == typeof(CancellationToken));
    }

    public MethodInfo Method { get; }

    public Type InterfaceType { get; }

    public GrainInterfaceType Interface { get; }

    public string InterfaceName { get; }

    public InvokeMethodOptions Options { get; }

    public TimeSpan? ResponseTimeout { get; }

    public bool ResultIsImmutable { get; }

    public int ArgumentCount { get; }

    public bool IsCancellable { get; }

    /// <summary>The method of a class that answers this one.</summary>
    public MethodInfo ImplementationIn(Type type) => implementations.GetOrAdd(type, static (type, self) =>
    {
        if (!self.InterfaceType.IsAssignableFrom(type))
        {
            return self.Method;
        }

        var map = type.GetInterfaceMap(self.InterfaceType);
        return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, self.Method)];
    }, this);
}
