using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Calls;

/// <summary>Sends calls: a silo does it for its grains and services, a client for its application.</summary>
internal interface ICallSender
{
    IGrainFactory Factory { get; }

    /// <summary>Sends a call and waits for its outcome; errors are thrown.</summary>
    Task<Response> SendAsync(GrainReference target, GrainMethod method, object?[] arguments);
}

/// <summary>The base of emitted references: it hands calls to the silo or client that the reference belongs to.</summary>
internal abstract class GrainProxy(GrainId grainId, GrainInterfaceType interfaceType, ICallSender sender) : GrainReference(grainId, interfaceType)
{
    internal override IGrainFactory Factory => sender.Factory;

    internal GrainMethod[] Methods { get; set; } = [];

    public Task CallTask(int method, object?[] arguments) => sender.SendAsync(this, Methods[method], arguments);

    public async Task<T> CallTaskOf<T>(int method, object?[] arguments)
    {
        var response = await sender.SendAsync(this, Methods[method], arguments);
        return response.GetResult<T>();
    }

    public ValueTask CallValueTask(int method, object?[] arguments) => new(CallTask(method, arguments));

    public ValueTask<T> CallValueTaskOf<T>(int method, object?[] arguments) => new(CallTaskOf<T>(method, arguments));

    public void CallVoid(int method, object?[] arguments) => sender.SendAsync(this, Methods[method], arguments);
}

/// <summary>Emits a reference type per grain interface, once per process.</summary>
internal static class GrainProxies
{
    private static readonly ModuleBuilder Module = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName("LocalEngine.Proxies"), AssemblyBuilderAccess.Run)
        .DefineDynamicModule("LocalEngine.Proxies");

    private static readonly ConcurrentDictionary<Type, Lazy<Factory>> Factories = new();

    public static GrainReference Create(Type interfaceType, GrainId grainId, ICallSender sender)
    {
        var factory = Factories.GetOrAdd(interfaceType, static type => new(() => new Factory(type))).Value;
        return factory.Create(grainId, sender);
    }

    /// <summary>The methods of an interface and of those that it extends.</summary>
    public static GrainMethod[] MethodsOf(Type interfaceType) => Factories.GetOrAdd(interfaceType, static type => new(() => new Factory(type))).Value.Methods;

    private sealed class Factory
    {
        private readonly Func<GrainId, GrainInterfaceType, ICallSender, GrainProxy> create;
        private readonly GrainInterfaceType name;

        public Factory(Type interfaceType)
        {
            name = GrainNames.InterfaceOf(interfaceType);
            var methods = new[] { interfaceType }.Concat(interfaceType.GetInterfaces())
                .Where(static type => type != typeof(IAddressable))
                .SelectMany(static type => type.GetMethods())
                .Where(static method => method.IsAbstract)
                .ToList();
            Methods = [.. methods.Select(method => GrainMethod.Of(method, GrainNames.InterfaceOf(method.DeclaringType!)))];
            create = Emit(interfaceType, methods);
        }

        public GrainMethod[] Methods { get; }

        public GrainReference Create(GrainId grainId, ICallSender sender)
        {
            var proxy = create(grainId, name, sender);
            proxy.Methods = Methods;
            return proxy;
        }

        private static Func<GrainId, GrainInterfaceType, ICallSender, GrainProxy> Emit(Type interfaceType, List<MethodInfo> methods)
        {
            TypeBuilder type;
            lock (Module)
            {
                type = Module.DefineType($"Proxy of {interfaceType.FullName}", TypeAttributes.Sealed | TypeAttributes.Class | TypeAttributes.NotPublic, typeof(GrainProxy), [interfaceType]);
                Type[] parameters = [typeof(GrainId), typeof(GrainInterfaceType), typeof(ICallSender)];
                var constructor = type.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, parameters);
                var code = constructor.GetILGenerator();
                code.Emit(OpCodes.Ldarg_0);
                code.Emit(OpCodes.Ldarg_1);
                code.Emit(OpCodes.Ldarg_2);
                code.Emit(OpCodes.Ldarg_3);
                code.Emit(OpCodes.Call, typeof(GrainProxy).GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, parameters)!);
                code.Emit(OpCodes.Ret);
                for (var index = 0; index < methods.Count; index++)
                {
                    EmitMethod(type, methods[index], index);
                }

                var made = type.CreateType();
                var dynamic = new DynamicMethod("Create", typeof(GrainProxy), parameters, typeof(GrainProxies).Module, skipVisibility: true);
                var creation = dynamic.GetILGenerator();
                creation.Emit(OpCodes.Ldarg_0);
                creation.Emit(OpCodes.Ldarg_1);
                creation.Emit(OpCodes.Ldarg_2);
                creation.Emit(OpCodes.Newobj, made.GetConstructor(parameters)!);
                creation.Emit(OpCodes.Ret);
                return dynamic.CreateDelegate<Func<GrainId, GrainInterfaceType, ICallSender, GrainProxy>>();
            }
        }

        private static void EmitMethod(TypeBuilder type, MethodInfo method, int index)
        {
            var parameters = method.GetParameters();
            var implementation = type.DefineMethod(
                $"{method.DeclaringType!.FullName}.{method.Name}",
                MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig | MethodAttributes.NewSlot,
                method.ReturnType,
                [.. parameters.Select(static parameter => parameter.ParameterType)]);
            var code = implementation.GetILGenerator();
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldc_I4, index);
            code.Emit(OpCodes.Ldc_I4, parameters.Length);
            code.Emit(OpCodes.Newarr, typeof(object));
            for (var position = 0; position < parameters.Length; position++)
            {
                code.Emit(OpCodes.Dup);
                code.Emit(OpCodes.Ldc_I4, position);
                code.Emit(OpCodes.Ldarg, position + 1);
                if (parameters[position].ParameterType.IsValueType)
                {
                    code.Emit(OpCodes.Box, parameters[position].ParameterType);
                }

                code.Emit(OpCodes.Stelem_Ref);
            }

            code.Emit(OpCodes.Call, CallOf(method));
            code.Emit(OpCodes.Ret);
            type.DefineMethodOverride(implementation, method);
        }

        private static MethodInfo CallOf(MethodInfo method)
        {
            var result = method.ReturnType;
            if (result == typeof(void))
            {
                return typeof(GrainProxy).GetMethod(nameof(GrainProxy.CallVoid))!;
            }

            if (!result.IsGenericType)
            {
                return typeof(GrainProxy).GetMethod(result == typeof(ValueTask) ? nameof(GrainProxy.CallValueTask) : nameof(GrainProxy.CallTask))!;
            }

            var name = result.GetGenericTypeDefinition() == typeof(ValueTask<>) ? nameof(GrainProxy.CallValueTaskOf) : nameof(GrainProxy.CallTaskOf);
            return typeof(GrainProxy).GetMethod(name)!.MakeGenericMethod(result.GetGenericArguments());
        }
    }
}
