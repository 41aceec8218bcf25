using Orleans.Metadata;
using Orleans.Runtime;

namespace Orleans.Metadata
{
    /// <summary>An attribute of a grain class that adds to the properties of its kind.</summary>
    public interface IGrainPropertiesProviderAttribute
    {
        /// <summary>Adds the properties.</summary>
        void Populate(IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties);
    }

    /// <summary>An attribute of a grain interface that adds to its properties.</summary>
    public interface IGrainInterfacePropertiesProviderAttribute
    {
        /// <summary>Adds the properties.</summary>
        void Populate(IServiceProvider services, Type interfaceType, Dictionary<string, string> properties);
    }

    /// <summary>An attribute of a grain class that names its kind.</summary>
    public interface IGrainTypeProviderAttribute
    {
        /// <summary>The kind.</summary>
        GrainType GetGrainType(IServiceProvider services, Type type);
    }

    /// <summary>An attribute of a grain class that binds it to something, such as a stream namespace.</summary>
    public interface IGrainBindingsProviderAttribute
    {
        /// <summary>The bindings.</summary>
        IEnumerable<Dictionary<string, string?>> GetBindings(IServiceProvider services, Type grainClass, GrainType grainType);
    }

    /// <summary>Names the kind that a reference by this interface means.</summary>
    [AttributeUsage(AttributeTargets.Interface, AllowMultiple = false)]
    public sealed class DefaultGrainTypeAttribute(string grainType) : Attribute, IGrainInterfacePropertiesProviderAttribute
    {
        void IGrainInterfacePropertiesProviderAttribute.Populate(IServiceProvider services, Type interfaceType, Dictionary<string, string> properties) =>
            properties[WellKnownGrainInterfaceProperties.DefaultGrainType] = grainType;
    }

    /// <summary>Names of properties of grain interfaces.</summary>
    public static class WellKnownGrainInterfaceProperties
    {
        /// <summary>The kind that a reference by the interface means.</summary>
        public const string DefaultGrainType = "primary-grain-type";
    }

    /// <summary>Names of properties of grain kinds.</summary>
    public static class WellKnownGrainTypeProperties
    {
        /// <summary>The placement strategy.</summary>
        public const string PlacementStrategy = "placement-strategy";

        /// <summary>Whether the order of messages does not matter.</summary>
        public const string Unordered = "unordered";

        /// <summary>How long a grain stays without calls.</summary>
        public const string IdleDeactivationPeriod = "idle-duration";

        /// <summary>The value that means for ever.</summary>
        public const string IndefiniteIdleDeactivationPeriodValue = "indefinite";

        /// <summary>The kind of a binding.</summary>
        public const string BindingTypeKey = "type";

        /// <summary>A binding to streams.</summary>
        public const string StreamBindingTypeValue = "stream";

        /// <summary>The pattern of stream namespaces.</summary>
        public const string StreamBindingPatternKey = "pattern";

        /// <summary>What makes a grain's key of a stream's.</summary>
        public const string StreamIdMapperKey = "streamid-mapper";

        /// <summary>Whether the namespace becomes part of the grain's key.</summary>
        public const string StreamBindingIncludeNamespaceKey = "include-namespace";

        /// <summary>Whether calls interleave.</summary>
        public const string Reentrant = "reentrant";

        /// <summary>The method that says which calls interleave.</summary>
        public const string MayInterleavePredicate = "may-interleave-predicate";

        /// <summary>Whether the grain is never moved.</summary>
        public const string Immovable = "immovable";
    }

    /// <summary>The properties of a grain kind.</summary>
    public sealed class GrainProperties(System.Collections.Immutable.ImmutableDictionary<string, string> values) : IEquatable<GrainProperties>
    {
        /// <summary>The properties.</summary>
        public System.Collections.Immutable.ImmutableDictionary<string, string> Properties { get; } = values;

        /// <summary>The properties as text, a line each.</summary>
        public string ToDetailedString() => string.Join('\n', Properties.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}: {p.Value}"));

        /// <inheritdoc />
        public bool Equals(GrainProperties? other) =>
            other is not null && Properties.Count == other.Properties.Count && Properties.All(p => other.Properties.TryGetValue(p.Key, out var value) && value == p.Value);

        /// <inheritdoc />
        public override bool Equals(object? obj) => Equals(obj as GrainProperties);

        /// <inheritdoc />
        public override int GetHashCode() => Properties.Aggregate(0, (hash, p) => hash ^ StringComparer.Ordinal.GetHashCode(p.Key));
    }
}

namespace Orleans.Runtime
{
    /// <summary>An attribute of a grain interface that names it.</summary>
    public interface IGrainInterfaceTypeProviderAttribute
    {
        /// <summary>The name.</summary>
        GrainInterfaceType GetGrainInterfaceType(IServiceProvider services, Type type);
    }

    /// <summary>Names a grain interface.</summary>
    [AttributeUsage(AttributeTargets.Interface, AllowMultiple = false)]
    public sealed class GrainInterfaceTypeAttribute(string value) : Attribute, IGrainInterfaceTypeProviderAttribute
    {
        private readonly GrainInterfaceType value = GrainInterfaceType.Create(value);

        /// <inheritdoc />
        public GrainInterfaceType GetGrainInterfaceType(IServiceProvider services, Type type) => value;
    }
}

namespace Orleans
{
    /// <summary>Names the kind of a grain class.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class GrainTypeAttribute(string grainType) : Attribute, IGrainTypeProviderAttribute
    {
        private readonly GrainType value = GrainType.Create(grainType);

        /// <inheritdoc />
        public GrainType GetGrainType(IServiceProvider services, Type type) => value;
    }

    /// <summary>Keeps a grain active however long nobody calls it.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public class KeepAliveAttribute : Attribute, IGrainPropertiesProviderAttribute
    {
        /// <inheritdoc />
        public void Populate(IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties) =>
            properties[WellKnownGrainTypeProperties.IdleDeactivationPeriod] = WellKnownGrainTypeProperties.IndefiniteIdleDeactivationPeriodValue;
    }

    /// <summary>How long a grain stays active without calls; at least a minute.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public class CollectionAgeLimitAttribute : Attribute, IGrainPropertiesProviderAttribute
    {
        /// <summary>The shortest time that can be set.</summary>
        public static readonly TimeSpan MinAgeLimit = TimeSpan.FromMinutes(1);

        private TimeSpan? given;

        /// <summary>The time is the sum of days, hours and minutes.</summary>
        public CollectionAgeLimitAttribute() { }

        /// <summary>The time, read as <see cref="TimeSpan.Parse(string)"/> does.</summary>
        public CollectionAgeLimitAttribute(string inactivityPeriod) =>
            given = TimeSpan.Parse(inactivityPeriod, System.Globalization.CultureInfo.InvariantCulture);

        /// <summary>Days of the time.</summary>
        public double Days { get; set; }

        /// <summary>Hours of the time.</summary>
        public double Hours { get; set; }

        /// <summary>Minutes of the time.</summary>
        public double Minutes { get; set; }

        /// <summary>Whether the grain stays for ever.</summary>
        public bool AlwaysActive { get; set; }

        /// <summary>The time.</summary>
        public TimeSpan AgeLimit => given ??= Sum() is var sum && sum < MinAgeLimit ? MinAgeLimit : Sum();

        /// <inheritdoc />
        public void Populate(IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties) =>
            properties[WellKnownGrainTypeProperties.IdleDeactivationPeriod] = AlwaysActive
                ? WellKnownGrainTypeProperties.IndefiniteIdleDeactivationPeriodValue
                : AgeLimit.ToString("c");

        private TimeSpan Sum() => AlwaysActive
            ? TimeSpan.FromDays(short.MaxValue)
            : TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);
    }
}
