using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>Copies the serialized members of a type by code that is emitted once, at the first copy.</summary>
internal sealed class MemberwiseCopier<T>(IReadOnlyList<SerializedMember> members) : ValueCopier<T>
{
    private delegate void CopyMembers(ref T input, ref T output, CopyScope scope);

    private readonly Lazy<CopyMembers> copyMembers = new(() => EmitCopy(members));
    private readonly Lazy<Func<T>> create = new(EmitCreate);

    public override T Copy(T value, CopyScope scope)
    {
        if (typeof(T).IsValueType)
        {
            T copiedValue = default!;
            copyMembers.Value(ref value, ref copiedValue, scope);
            return copiedValue;
        }

        if (value is null)
        {
            return value;
        }

        if (scope.TryGet(value, out var known))
        {
            return (T)known;
        }

        var copy = create.Value();
        scope.Record(value, copy!);
        copyMembers.Value(ref value, ref copy, scope);
        return copy;
    }

    private static CopyMembers EmitCopy(IReadOnlyList<SerializedMember> members)
    {
        var reference = typeof(T).MakeByRefType();
        var method = new DynamicMethod($"Copy {typeof(T)}", typeof(void), [typeof(ValueCopier[]), reference, reference, typeof(CopyScope)], typeof(T).Module, skipVisibility: true);
        var code = method.GetILGenerator();
        var copiers = new List<ValueCopier>();
        foreach (var member in members)
        {
            LoadTarget(code, OpCodes.Ldarg_2);
            var copier = member.IsImmutable ? null : TypeCopiers.ForMember(member.Type);
            if (copier is null or { IsShallow: true })
            {
                LoadTarget(code, OpCodes.Ldarg_1);
                code.Emit(OpCodes.Ldfld, member.Field);
            }
            else
            {
                var typed = typeof(ValueCopier<>).MakeGenericType(member.Type);
                code.Emit(OpCodes.Ldarg_0);
                code.Emit(OpCodes.Ldc_I4, copiers.Count);
                code.Emit(OpCodes.Ldelem_Ref);
                code.Emit(OpCodes.Castclass, typed);
                LoadTarget(code, OpCodes.Ldarg_1);
                code.Emit(OpCodes.Ldfld, member.Field);
                code.Emit(OpCodes.Ldarg_3);
                code.Emit(OpCodes.Callvirt, typed.GetMethod(nameof(ValueCopier<T>.Copy))!);
                copiers.Add(copier);
            }

            code.Emit(OpCodes.Stfld, member.Field);
        }

        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<CopyMembers>(copiers.ToArray());
    }

    // Members of a struct are reached through its address, those of a class through the object.
    private static void LoadTarget(ILGenerator code, OpCode argument)
    {
        code.Emit(argument);
        if (!typeof(T).IsValueType)
        {
            code.Emit(OpCodes.Ldind_Ref);
        }
    }

    private static Func<T> EmitCreate()
    {
        var constructor = typeof(T).GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []);
        if (constructor is null)
        {
            return static () => (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
        }

        var method = new DynamicMethod($"Create {typeof(T)}", typeof(T), [typeof(object)], typeof(T).Module, skipVisibility: true);
        var code = method.GetILGenerator();
        code.Emit(OpCodes.Newobj, constructor);
        code.Emit(OpCodes.Ret);

        // A delegate over a bound first argument is called faster than one over none.
        return method.CreateDelegate<Func<T>>(method.Name);
    }
}
