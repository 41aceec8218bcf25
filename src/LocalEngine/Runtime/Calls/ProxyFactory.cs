using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Local;

/// <summary>Emits, once for each grain interface, the class that answers it with calls, and for each of its methods the class of the call.</summary>
internal static class ProxyFactory
{
    private static readonly ConcurrentDictionary<Type, Func<CallNode, GrainId, GrainInterfaceType, GrainProxy>> Makers = new();
    private static readonly Lock Gate = new();
    private static readonly HashSet<string> Opened = [];
    private static readonly AssemblyBuilder Assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("LocalEngine.Proxies"), AssemblyBuilderAccess.Run);
    private static readonly ModuleBuilder Module = Assembly.DefineDynamicModule("LocalEngine.Proxies");
    private static readonly ConstructorInfo IgnoresAccessChecks = DefineIgnoresAccessChecks();
    private static int count;

    public static GrainProxy Create(Type interfaceType, CallNode node, GrainId grainId) =>
        Makers.GetOrAdd(interfaceType, Emit)(node, grainId, GrainNames.InterfaceOf(interfaceType));

    private static Func<CallNode, GrainId, GrainInterfaceType, GrainProxy> Emit(Type interfaceType)
    {
        if (!interfaceType.IsInterface || !typeof(IAddressable).IsAssignableFrom(interfaceType))
        {
            throw new ArgumentException($"{interfaceType} is not a grain interface.", nameof(interfaceType));
        }

        lock (Gate)
        {
            Open(typeof(GrainProxy).Assembly);
            Open(typeof(GrainReference).Assembly);
            OpenAllOf(interfaceType);
            var name = $"{interfaceType.FullName}#{count++}";
            var proxy = Module.DefineType(name, TypeAttributes.Public | TypeAttributes.Sealed, typeof(GrainProxy), [interfaceType]);
            var baseConstructor = typeof(GrainProxy).GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Single();
            Type[] parameters = [typeof(CallNode), typeof(GrainId), typeof(GrainInterfaceType)];
            var constructor = proxy.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, parameters);
            var il = constructor.GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldarg_2);
            il.Emit(OpCodes.Ldarg_3);
            il.Emit(OpCodes.Call, baseConstructor);
            il.Emit(OpCodes.Ret);
            foreach (var contract in interfaceType.GetInterfaces().Append(interfaceType))
            {
                foreach (var method in contract.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(m => m.IsAbstract))
                {
                    EmitMethod(proxy, method, name);
                }
            }

            var maker = proxy.DefineMethod("Make", MethodAttributes.Public | MethodAttributes.Static, typeof(GrainProxy), parameters);
            il = maker.GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldarg_2);
            il.Emit(OpCodes.Newobj, constructor);
            il.Emit(OpCodes.Ret);
            return proxy.CreateType().GetMethod("Make")!.CreateDelegate<Func<CallNode, GrainId, GrainInterfaceType, GrainProxy>>();
        }
    }

    private static void EmitMethod(TypeBuilder proxy, MethodInfo method, string proxyName)
    {
        if (method.IsGenericMethodDefinition || method.GetParameters().Any(p => p.ParameterType.IsByRef))
        {
            throw new NotSupportedException($"{method.DeclaringType}.{method.Name} is generic or has a reference parameter.");
        }

        var call = EmitCall(method, proxyName);
        var parameters = method.GetParameters();
        var builder = proxy.DefineMethod(
            $"{method.DeclaringType!.FullName}.{method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig | MethodAttributes.NewSlot,
            method.ReturnType,
            [.. parameters.Select(p => p.ParameterType)]);
        var il = builder.GetILGenerator();
        il.Emit(OpCodes.Newobj, call.Type.GetConstructor(Type.EmptyTypes)!);
        for (var i = 0; i < parameters.Length; i++)
        {
            var type = parameters[i].ParameterType;
            il.Emit(OpCodes.Dup);
            il.Emit(OpCodes.Ldarg, i + 1);
            if (type == typeof(CancellationToken))
            {
                il.Emit(OpCodes.Callvirt, typeof(GrainCall).GetProperty(nameof(GrainCall.CallerToken))!.SetMethod!);
                continue;
            }

            if (!parameters[i].IsDefined(typeof(ImmutableAttribute), false))
            {
                il.Emit(OpCodes.Call, typeof(TypeCopiers).GetMethod(nameof(TypeCopiers.Copy), BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!.MakeGenericMethod(type));
            }

            il.Emit(OpCodes.Stfld, call.Fields[i]!);
        }

        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Callvirt, call.Base.GetMethod("Send")!);
        il.Emit(OpCodes.Ret);
        proxy.DefineMethodOverride(builder, method);
    }

    private static (Type Type, Type Base, FieldInfo?[] Fields) EmitCall(MethodInfo method, string proxyName)
    {
        var result = method.ReturnType;
        var baseType = result == typeof(Task) ? typeof(TaskCall)
            : result == typeof(ValueTask) ? typeof(ValueTaskCall)
            : result == typeof(void) ? typeof(VoidCall)
            : result.IsGenericType && result.GetGenericTypeDefinition() == typeof(Task<>) ? typeof(TaskCall<>).MakeGenericType(result.GetGenericArguments())
            : result.IsGenericType && result.GetGenericTypeDefinition() == typeof(ValueTask<>) ? typeof(ValueTaskCall<>).MakeGenericType(result.GetGenericArguments())
            : throw new NotSupportedException($"{method.DeclaringType}.{method.Name} returns {result}, which is neither a Task nor a ValueTask.");
        var parameters = method.GetParameters();
        var type = Module.DefineType($"{proxyName}.{method.Name}#{count++}", TypeAttributes.Public | TypeAttributes.Sealed, baseType);
        type.DefineDefaultConstructor(MethodAttributes.Public);
        var fields = new FieldBuilder?[parameters.Length];
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].ParameterType != typeof(CancellationToken))
            {
                fields[i] = type.DefineField($"argument{i}", parameters[i].ParameterType, FieldAttributes.Public);
            }
        }

        var descriptorField = type.DefineField("descriptor", typeof(MethodDescriptor), FieldAttributes.Public | FieldAttributes.Static);
        var il = Override(type, typeof(GrainCall).GetProperty(nameof(GrainCall.Descriptor))!.GetMethod!).GetILGenerator();
        il.Emit(OpCodes.Ldsfld, descriptorField);
        il.Emit(OpCodes.Ret);

        il = Override(type, baseType.GetMethod("Call", BindingFlags.Instance | BindingFlags.NonPublic)!).GetILGenerator();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Castclass, method.DeclaringType!);
        for (var i = 0; i < parameters.Length; i++)
        {
            il.Emit(OpCodes.Ldarg_0);
            if (fields[i] is { } field)
            {
                il.Emit(OpCodes.Ldfld, field);
            }
            else
            {
                il.Emit(OpCodes.Callvirt, typeof(GrainCall).GetProperty(nameof(GrainCall.CalleeToken))!.GetMethod!);
            }
        }

        il.Emit(OpCodes.Callvirt, method);
        il.Emit(OpCodes.Ret);
        EmitArguments(type, [.. fields.OfType<FieldBuilder>()]);

        var created = type.CreateType();
        created.GetField("descriptor")!.SetValue(null, new MethodDescriptor(method));
        return (created, baseType, [.. fields.Select(field => field is null ? null : created.GetField(field.Name))]);
    }

    private static void EmitArguments(TypeBuilder type, FieldBuilder[] fields)
    {
        if (fields.Length == 0)
        {
            return;
        }

        var getter = typeof(GrainCall).GetMethod(nameof(GrainCall.GetArgument))!;
        var get = Override(type, getter).GetILGenerator();
        EmitSwitch(get, fields, field =>
        {
            get.Emit(OpCodes.Ldarg_0);
            get.Emit(OpCodes.Ldfld, field);
            get.Emit(OpCodes.Box, field.FieldType);
        });
        get.Emit(OpCodes.Ldarg_0);
        get.Emit(OpCodes.Ldarg_1);
        get.Emit(OpCodes.Call, getter);
        get.Emit(OpCodes.Ret);

        var setter = typeof(GrainCall).GetMethod(nameof(GrainCall.SetArgument))!;
        var set = Override(type, setter).GetILGenerator();
        EmitSwitch(set, fields, field =>
        {
            set.Emit(OpCodes.Ldarg_0);
            set.Emit(OpCodes.Ldarg_2);
            set.Emit(OpCodes.Unbox_Any, field.FieldType);
            set.Emit(OpCodes.Stfld, field);
        });
        set.Emit(OpCodes.Ldarg_0);
        set.Emit(OpCodes.Ldarg_1);
        set.Emit(OpCodes.Ldarg_2);
        set.Emit(OpCodes.Call, setter);
        set.Emit(OpCodes.Ret);
    }

    private static void EmitSwitch(ILGenerator il, FieldBuilder[] fields, Action<FieldBuilder> body)
    {
        var labels = fields.Select(_ => il.DefineLabel()).ToArray();
        var otherwise = il.DefineLabel();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Switch, labels);
        il.Emit(OpCodes.Br, otherwise);
        for (var i = 0; i < fields.Length; i++)
        {
            il.MarkLabel(labels[i]);
            body(fields[i]);
            il.Emit(OpCodes.Ret);
        }

        il.MarkLabel(otherwise);
    }

    private static MethodBuilder Override(TypeBuilder type, MethodInfo method)
    {
        var access = method.Attributes & MethodAttributes.MemberAccessMask;
        return type.DefineMethod(
            method.Name,
            access | MethodAttributes.Virtual | MethodAttributes.HideBySig | (method.Attributes & MethodAttributes.SpecialName),
            method.ReturnType,
            [.. method.GetParameters().Select(p => p.ParameterType)]);
    }

    private static void OpenAllOf(Type type)
    {
        foreach (var contract in type.GetInterfaces().Append(type))
        {
            Open(contract.Assembly);
            foreach (var method in contract.GetMethods())
            {
                OpenSignature(method.ReturnType);
                foreach (var parameter in method.GetParameters())
                {
                    OpenSignature(parameter.ParameterType);
                }
            }
        }
    }

    private static void OpenSignature(Type type)
    {
        Open(type.Assembly);
        foreach (var argument in type.GetGenericArguments())
        {
            OpenSignature(argument);
        }
    }

    // Grain interfaces and what they carry may be internal: the emitted code may see them all the same.
    private static void Open(Assembly assembly)
    {
        if (Opened.Add(assembly.GetName().Name!))
        {
            Assembly.SetCustomAttribute(new CustomAttributeBuilder(IgnoresAccessChecks, [assembly.GetName().Name!]));
        }
    }

    private static ConstructorInfo DefineIgnoresAccessChecks()
    {
        var type = Module.DefineType("System.Runtime.CompilerServices.IgnoresAccessChecksToAttribute", TypeAttributes.Public | TypeAttributes.Class, typeof(Attribute));
        var field = type.DefineField("assemblyName", typeof(string), FieldAttributes.Private);
        var constructor = type.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, [typeof(string)]);
        var il = constructor.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, typeof(Attribute).GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic, Type.EmptyTypes)!);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Stfld, field);
        il.Emit(OpCodes.Ret);
        var usage = new CustomAttributeBuilder(
            typeof(AttributeUsageAttribute).GetConstructor([typeof(AttributeTargets)])!,
            [AttributeTargets.Assembly],
            [typeof(AttributeUsageAttribute).GetProperty(nameof(AttributeUsageAttribute.AllowMultiple))!],
            [true]);
        type.SetCustomAttribute(usage);
        var getter = type.DefineMethod("get_AssemblyName", MethodAttributes.Public | MethodAttributes.SpecialName, typeof(string), Type.EmptyTypes);
        il = getter.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, field);
        il.Emit(OpCodes.Ret);
        type.DefineProperty("AssemblyName", PropertyAttributes.None, typeof(string), null).SetGetMethod(getter);
        return type.CreateType().GetConstructor([typeof(string)])!;
    }
}
