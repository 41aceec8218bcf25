using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Orchestrator.Contract.Tests.Contracts;

/// <summary>Which grain calls which, read from the code of the grain classes and of what they use.</summary>
internal static class CallGraph
{
    private const BindingFlags Every = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => (OpCode)field.GetValue(null)!)
        .ToDictionary(static code => code.Value);

    /// <summary>A call from a grain class to a method of a grain interface.</summary>
    public sealed record Call(Type Caller, MethodInfo Method)
    {
        public bool IsOneWay => Method.IsDefined(typeof(Orleans.Concurrency.OneWayAttribute));
    }

    /// <summary>All calls of a grain class, also those that it makes through other types of its assembly.</summary>
    public static IReadOnlyList<Call> CallsOf(Type grain)
    {
        var calls = new HashSet<MethodInfo>();
        var visited = new HashSet<MethodBase>();
        var pending = new Stack<MethodBase>(Bodies(grain));
        while (pending.TryPop(out var method))
        {
            if (!visited.Add(method))
            {
                continue;
            }

            foreach (var target in TargetsOf(method))
            {
                var declaring = target.DeclaringType;
                if (declaring is null)
                {
                    continue;
                }

                if (target is MethodInfo called && OurAssemblies.GrainInterfaces.Contains(declaring))
                {
                    calls.Add(called);
                }
                else if (declaring.Assembly == grain.Assembly && !OurAssemblies.GrainClasses.Contains(declaring))
                {
                    pending.Push(target);
                    foreach (var implementation in ImplementationsOf(target))
                    {
                        pending.Push(implementation);
                    }
                }
                else if (declaring == grain)
                {
                    pending.Push(target);
                }
            }
        }

        return [.. calls.Select(method => new Call(grain, method))];
    }

    private static IEnumerable<MethodBase> Bodies(Type type)
    {
        for (var level = type; level is not null && level.Assembly == type.Assembly; level = level.BaseType)
        {
            foreach (var method in level.GetMethods(Every).Cast<MethodBase>().Concat(level.GetConstructors(Every)))
            {
                yield return method;
            }
        }
    }

    // A call of an interface or of an abstract method reaches whatever implements it in the assembly.
    private static IEnumerable<MethodBase> ImplementationsOf(MethodBase target)
    {
        if (target is not MethodInfo { IsVirtual: true } method || method.DeclaringType is not { } declaring)
        {
            return [];
        }

        return declaring.Assembly.GetTypes()
            .Where(type => type is { IsClass: true } && type != declaring && !OurAssemblies.GrainClasses.Contains(type) && type.IsAssignableTo(declaring))
            .SelectMany(type => type.GetMethods(Every))
            .Where(candidate => candidate.Name == method.Name || candidate.Name.EndsWith("." + method.Name, StringComparison.Ordinal));
    }

    private static IEnumerable<MethodBase> TargetsOf(MethodBase method)
    {
        // The code of an async method or an iterator is in the type that the compiler makes of it.
        if (method.GetCustomAttribute<StateMachineAttribute>()?.StateMachineType.GetMethod("MoveNext", Every) is { } moveNext)
        {
            yield return moveNext;
        }

        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code)
        {
            yield break;
        }

        var typeArguments = method.DeclaringType is { IsGenericType: true } declaring ? declaring.GetGenericArguments() : null;
        var methodArguments = method is MethodInfo { IsGenericMethod: true } ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            short value = code[at++];
            if (value == 0xFE)
            {
                value = unchecked((short)(0xFE00 | code[at++]));
            }

            var operation = OpCodesByValue[value];
            if (operation.OperandType == OperandType.InlineMethod
                && method.Module.ResolveMethod(BitConverter.ToInt32(code, at), typeArguments, methodArguments) is { } target)
            {
                yield return Definition(target);
            }

            at += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static MethodBase Definition(MethodBase method) =>
        method is MethodInfo { IsGenericMethod: true, IsGenericMethodDefinition: false } generic ? generic.GetGenericMethodDefinition() : method;
}
