using System.Linq.Expressions;
using System.Reflection;
using Orleans.CodeGeneration;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;

namespace Orleans.Calls;

/// <summary>A method of a grain interface: how it is called, and how its arguments are copied. Made once; a call uses no reflection.</summary>
internal abstract class GrainMethod
{
    private readonly Func<object, object?[], object?> invoke;
    private readonly ValueCopier?[] argumentCopiers;

    protected GrainMethod(MethodInfo method, GrainInterfaceType interfaceType)
    {
        Method = method;
        InterfaceType = interfaceType;
        InterfaceName = method.DeclaringType!.FullName!;
        Options = (method.IsDefined(typeof(OneWayAttribute)) ? InvokeMethodOptions.OneWay : 0)
            | (method.IsDefined(typeof(ReadOnlyAttribute)) ? InvokeMethodOptions.ReadOnly : 0)
            | (method.IsDefined(typeof(AlwaysInterleaveAttribute)) ? InvokeMethodOptions.AlwaysInterleave : 0);
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        var parameters = method.GetParameters();
        CancellationIndex = Array.FindIndex(parameters, static parameter => parameter.ParameterType == typeof(CancellationToken));
        argumentCopiers = [.. parameters.Select(static parameter => parameter.IsDefined(typeof(ImmutableAttribute)) ? null : LazyCopier(parameter.ParameterType))];
        NeedsCopies = argumentCopiers.Any(static copier => copier is not null);
        var target = Expression.Parameter(typeof(object));
        var arguments = Expression.Parameter(typeof(object[]));
        var call = Expression.Call(
            Expression.Convert(target, method.DeclaringType!),
            method,
            parameters.Select((parameter, index) => Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(index)), parameter.ParameterType)));
        invoke = Expression.Lambda<Func<object, object?[], object?>>(
            method.ReturnType == typeof(void) ? Expression.Block(call, Expression.Constant(null)) : Expression.Convert(call, typeof(object)), target, arguments).Compile();
    }

    public MethodInfo Method { get; }

    public GrainInterfaceType InterfaceType { get; }

    public string InterfaceName { get; }

    public InvokeMethodOptions Options { get; }

    public TimeSpan? ResponseTimeout { get; }

    /// <summary>Which argument is the token; negative for none.</summary>
    public int CancellationIndex { get; }

    public bool NeedsCopies { get; }

    public bool IsOneWay => (Options & InvokeMethodOptions.OneWay) != 0;

    public static GrainMethod Of(MethodInfo method, GrainInterfaceType interfaceType)
    {
        var result = method.ReturnType.IsGenericType ? method.ReturnType.GetGenericArguments()[0] : typeof(object);
        var kind = method.ReturnType == typeof(Task) || method.ReturnType == typeof(ValueTask) || method.ReturnType == typeof(void) ? typeof(PlainMethod) : typeof(ResultMethod<>).MakeGenericType(result);
        return (GrainMethod)Activator.CreateInstance(kind, method, interfaceType)!;
    }

    /// <summary>Copies what a callee must not share with its caller.</summary>
    /// <exception cref="CodecNotFoundException">An argument cannot be sent.</exception>
    public object?[] CopyArguments(object?[] arguments)
    {
        if (!NeedsCopies)
        {
            return arguments;
        }

        var scope = CopyScope.Enter();
        try
        {
            var copies = new object?[arguments.Length];
            for (var index = 0; index < arguments.Length; index++)
            {
                copies[index] = arguments[index] is { } value && argumentCopiers[index] is not null ? TypeCopiers.Get(value.GetType()).CopyObject(value, scope) : arguments[index];
            }

            return copies;
        }
        finally
        {
            scope.Leave();
        }
    }

    /// <summary>Calls the method and copies its result.</summary>
    public abstract ValueTask<Response> InvokeAsync(object target, object?[] arguments);

    protected object? Start(object target, object?[] arguments) => invoke(target, arguments);

    // A type that cannot be sent is refused at the call, not when its interface is first seen.
    private static ValueCopier? LazyCopier(Type type)
    {
        try
        {
            return TypeCopiers.ForMember(type) is { IsShallow: true } ? null : Refused.Instance;
        }
        catch (CodecNotFoundException)
        {
            return Refused.Instance;
        }
    }

    private sealed class Refused : ValueCopier
    {
        public static readonly Refused Instance = new();

        public override object CopyObject(object value, CopyScope scope) => TypeCopiers.Get(value.GetType()).CopyObject(value, scope);
    }

    private sealed class PlainMethod(MethodInfo method, GrainInterfaceType interfaceType) : GrainMethod(method, interfaceType)
    {
        public override async ValueTask<Response> InvokeAsync(object target, object?[] arguments)
        {
            switch (Start(target, arguments))
            {
                case Task task:
                    await task;
                    break;
                case ValueTask task:
                    await task;
                    break;
            }

            return Response.Completed;
        }
    }

    private sealed class ResultMethod<T>(MethodInfo method, GrainInterfaceType interfaceType) : GrainMethod(method, interfaceType)
    {
        public override async ValueTask<Response> InvokeAsync(object target, object?[] arguments)
        {
            var result = Start(target, arguments) switch
            {
                Task<T> task => await task,
                ValueTask<T> task => await task,
                _ => throw new InvalidOperationException($"{Method} returned no task."),
            };
            return Response.FromResult(TypeCopiers.Copy(result));
        }
    }
}
