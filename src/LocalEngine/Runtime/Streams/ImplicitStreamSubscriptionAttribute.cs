using System.Text.RegularExpressions;
using Orleans.Local;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans
{
    /// <summary>Subscribes the grains of a class to streams of namespaces: the grain of a stream's key takes its events.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public class ImplicitStreamSubscriptionAttribute : Attribute, IGrainBindingsProviderAttribute
    {
        /// <summary>All namespaces.</summary>
        public ImplicitStreamSubscriptionAttribute() => Predicate = new NamespacePattern("", ".*");

        /// <summary>One namespace.</summary>
        public ImplicitStreamSubscriptionAttribute(string streamNamespace, string? streamIdMapper = null)
        {
            Predicate = new NamespacePattern($"namespace:{streamNamespace.Trim()}", $"^{Regex.Escape(streamNamespace.Trim())}$");
            StreamIdMapper = streamIdMapper;
        }

        /// <summary>The namespaces that a predicate means.</summary>
        public ImplicitStreamSubscriptionAttribute(Type predicateType, string? streamIdMapper = null)
        {
            Predicate = (IStreamNamespacePredicate)Activator.CreateInstance(predicateType)!;
            StreamIdMapper = streamIdMapper;
        }

        /// <summary>The namespaces that a predicate means.</summary>
        public ImplicitStreamSubscriptionAttribute(IStreamNamespacePredicate predicate, string? streamIdMapper = null)
        {
            Predicate = predicate;
            StreamIdMapper = streamIdMapper;
        }

        /// <summary>Which namespaces are meant.</summary>
        public IStreamNamespacePredicate Predicate { get; }

        /// <summary>What makes a grain's key of a stream's. The local engine takes the key as it is.</summary>
        public string? StreamIdMapper { get; init; }

        /// <inheritdoc />
        public IEnumerable<Dictionary<string, string?>> GetBindings(IServiceProvider services, Type grainClass, GrainType grainType) =>
        [
            new()
            {
                [WellKnownGrainTypeProperties.BindingTypeKey] = WellKnownGrainTypeProperties.StreamBindingTypeValue,
                [WellKnownGrainTypeProperties.StreamBindingPatternKey] = Predicate.PredicatePattern,
                [WellKnownGrainTypeProperties.StreamIdMapperKey] = StreamIdMapper,
            },
        ];
    }

    /// <summary>Subscribes the grains of a class to streams of the namespaces that a pattern means.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public sealed class RegexImplicitStreamSubscriptionAttribute([System.Diagnostics.CodeAnalysis.StringSyntax("Regex")] string pattern)
        : ImplicitStreamSubscriptionAttribute(new NamespacePattern($"regex:{pattern}", pattern));
}

namespace Orleans.Local
{
    internal sealed class NamespacePattern(string stored, string regex) : IStreamNamespacePredicate
    {
        private readonly Regex expression = new(regex, RegexOptions.CultureInvariant);

        public string PredicatePattern => stored;

        public bool IsMatch(string streamNamespace) => expression.IsMatch(streamNamespace ?? "");
    }
}
