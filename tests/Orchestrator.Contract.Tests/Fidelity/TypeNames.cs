using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Orchestrator.Contract.Tests.Fidelity;

/// <summary>Names types of an assembly's metadata as <see cref="ApiSurface.NameOf"/> does, without loading the assembly.</summary>
internal sealed class TypeNames : ISignatureTypeProvider<string, TypeNames.GenericNames>, ICustomAttributeTypeProvider<string>
{
    /// <summary>The generic parameters that a signature may refer to by index.</summary>
    public sealed record GenericNames(IReadOnlyList<string> OfType, IReadOnlyList<string> OfMethod);

    public static string Join(string declaring, string name) => declaring.Length == 0 ? name : $"{declaring}.{name}";

    public static string Bare(string name) => name.Split('`')[0];

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => $"System.{typeCode}";

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeDefinition(handle);
        var declaring = type.GetDeclaringType();
        var scope = declaring.IsNil ? reader.GetString(type.Namespace) : GetTypeFromDefinition(reader, declaring, rawTypeKind);
        return Join(scope, Bare(reader.GetString(type.Name)));
    }

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeReference(handle);
        var scope = type.ResolutionScope.Kind == HandleKind.TypeReference
            ? GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, rawTypeKind)
            : reader.GetString(type.Namespace);
        return Join(scope, Bare(reader.GetString(type.Name)));
    }

    public string GetTypeFromSpecification(MetadataReader reader, GenericNames genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public string GetSZArrayType(string elementType) => elementType + "[]";

    public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

    public string GetByReferenceType(string elementType) => elementType + "&";

    public string GetPointerType(string elementType) => elementType + "*";

    public string GetPinnedType(string elementType) => elementType;

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

    public string GetFunctionPointerType(MethodSignature<string> signature) => "System.IntPtr";

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(',', typeArguments)}>";

    public string GetGenericTypeParameter(GenericNames genericContext, int index) => genericContext.OfType[index];

    public string GetGenericMethodParameter(GenericNames genericContext, int index) => genericContext.OfMethod[index];

    public string GetSystemType() => "System.Type";

    public bool IsSystemType(string type) => type == "System.Type";

    public string GetTypeFromSerializedName(string name) => name;

    // Every enum that the attributes read here carry is stored as an Int32.
    public PrimitiveTypeCode GetUnderlyingEnumType(string type) => PrimitiveTypeCode.Int32;
}
