using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Workflows;

/// <summary>
/// An expression over results of stages, true, false, or not known yet. <c>fine.metrics.err &lt; 0.1 and not (coarse.status == "failed")</c>. A stage has <c>status</c> (a text),
/// <c>exit</c>, <c>progress</c> and <c>metrics.NAME</c> (numbers); <c>artifact(STAGE, "PATTERN")</c> is true once it has such a file, <c>size(STAGE, "PATH")</c> its bytes.
/// Operators by rank: <c>or</c>; <c>and</c>; <c>not</c>; <c>== != &lt; &lt;= &gt; &gt;=</c>; <c>+ -</c>; <c>* /</c>. Names may have a '-', so a minus has blanks around it.
/// What is not known makes known only what it cannot change: <c>false and X</c> is false (Kleene, Introduction to Metamathematics, 1952, § 64).
/// </summary>
public sealed class WorkflowExpression
{
    private const int LengthMax = 1000;

    private static readonly ConditionalWeakTable<string, WorkflowExpression> Known = [];

    private readonly ExpressionNode root;

    private WorkflowExpression(ExpressionNode root, ImmutableArray<string> stages) => (this.root, Stages) = (root, stages);

    /// <summary>The stages that it names, each once.</summary>
    public ImmutableArray<string> Stages { get; }

    /// <summary>The problem names what is wrong, where, and what is allowed there.</summary>
    public static bool TryParse(string text, out WorkflowExpression? expression, out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        expression = null;
        if (text.Length > LengthMax)
        {
            problem = FormattableString.Invariant($"it has {text.Length} characters; at most {LengthMax} are allowed");
            return false;
        }

        try
        {
            var parser = new ExpressionParser(text);
            expression = new(parser.Whole(), [.. parser.Stages.Distinct(StringComparer.Ordinal)]);
            problem = null;
            return true;
        }
        catch (FormatException wrong)
        {
            problem = wrong.Message;
            return false;
        }
    }

    /// <exception cref="FormatException">It cannot be read: <see cref="TryParse"/> tells before.</exception>
    public static WorkflowExpression Parse(string text) =>
        Known.GetValue(text, static given => TryParse(given, out var expression, out var problem) ? expression! : throw new FormatException(problem));

    /// <param name="book">What is known of a stage; null for one that is not there.</param>
    /// <returns>Null: what it names is not known yet.</returns>
    public bool? Evaluate(Func<string, StageFacts?> book) => root.Truth(book);
}

/// <summary>What a part of an expression is.</summary>
internal enum ExpressionType
{
    Absent = 0,
    Number = 1,
    Text = 2,
    Truth = 3,
}

/// <summary>A part of an expression; one of the three is its value, by its type. Null: not known.</summary>
internal sealed class ExpressionNode
{
    public required ExpressionType Type { get; init; }

    public Func<Func<string, StageFacts?>, double?> Number { get; init; } = static _ => null;

    public Func<Func<string, StageFacts?>, string?> Text { get; init; } = static _ => null;

    public Func<Func<string, StageFacts?>, bool?> Truth { get; init; } = static _ => null;
}

/// <summary>Recursive descent, one method a rank.</summary>
internal sealed class ExpressionParser(string text)
{
    private const int DepthMax = 50;
    private int at;
    private int depth;

    public List<string> Stages { get; } = [];

    public ExpressionNode Whole()
    {
        var node = Or();
        Blanks();
        if (at < text.Length)
        {
            throw Wrong("an operator, or the end");
        }

        return node.Type == ExpressionType.Truth ? node : throw new FormatException("it is no statement that can be true or false; a comparison is needed, as x.metrics.err < 0.1");
    }

    private ExpressionNode Or()
    {
        if (++depth > DepthMax)
        {
            throw new FormatException(FormattableString.Invariant($"it is nested more than {DepthMax} deep"));
        }

        var left = And();
        while (Word("or") || Sign("||"))
        {
            var (one, other) = (Truth(left), Truth(And()));
            left = new() { Type = ExpressionType.Truth, Truth = book => one(book) is var a && a == true ? true : other(book) is var b && b == true ? true : a is null || b is null ? null : false };
        }

        depth--;
        return left;
    }

    private ExpressionNode And()
    {
        var left = Not();
        while (Word("and") || Sign("&&"))
        {
            var (one, other) = (Truth(left), Truth(Not()));
            left = new() { Type = ExpressionType.Truth, Truth = book => one(book) is var a && a == false ? false : other(book) is var b && b == false ? false : a is null || b is null ? null : true };
        }

        return left;
    }

    private ExpressionNode Not()
    {
        if (!Word("not") && !(Peek('!') && !Ahead("!=") && Sign("!")))
        {
            return Comparison();
        }

        if (++depth > DepthMax)
        {
            throw new FormatException(FormattableString.Invariant($"it is nested more than {DepthMax} deep"));
        }

        var inner = Truth(Not());
        depth--;
        return new() { Type = ExpressionType.Truth, Truth = book => !inner(book) };
    }

    private ExpressionNode Comparison()
    {
        var left = Sum();
        foreach (var sign in (ReadOnlySpan<string>)["==", "!=", "<=", ">=", "<", ">"])
        {
            if (Sign(sign))
            {
                return Compare(sign, left, Sum());
            }
        }

        return left;
    }

    private static ExpressionNode Compare(string sign, ExpressionNode left, ExpressionNode right)
    {
        if (left.Type != right.Type || left.Type == ExpressionType.Truth)
        {
            throw new FormatException($"'{sign}' compares two numbers or two texts");
        }

        if (left.Type == ExpressionType.Text)
        {
            return sign is "==" or "!="
                ? new() { Type = ExpressionType.Truth, Truth = book => left.Text(book) is { } a && right.Text(book) is { } b ? (a == b) == (sign == "==") : null }
                : throw new FormatException($"texts are compared by == and !=, not by '{sign}'");
        }

        return new()
        {
            Type = ExpressionType.Truth,
            Truth = book => left.Number(book) is { } a && right.Number(book) is { } b
                ? sign switch { "==" => a == b, "!=" => a != b, "<" => a < b, "<=" => a <= b, ">" => a > b, _ => a >= b }
                : null,
        };
    }

    private ExpressionNode Sum()
    {
        var left = Product();
        while (PlusOrMinus() is var sign && sign != '\0')
        {
            var (one, other) = (Number(left), Number(Product()));
            left = new() { Type = ExpressionType.Number, Number = book => sign == '+' ? one(book) + other(book) : one(book) - other(book) };
        }

        return left;
    }

    private char PlusOrMinus() => Sign("+") ? '+' : Sign("-") ? '-' : '\0';

    private ExpressionNode Product()
    {
        var left = Single();
        while (true)
        {
            var sign = Sign("*") ? '*' : Sign("/") ? '/' : '\0';
            if (sign == '\0')
            {
                return left;
            }

            var (one, other) = (Number(left), Number(Single()));
            left = new() { Type = ExpressionType.Number, Number = book => sign == '*' ? one(book) * other(book) : one(book) / other(book) };
        }
    }

    private ExpressionNode Single()
    {
        if (Sign("("))
        {
            var inner = Or();
            Expect(")");
            return inner;
        }

        Blanks();
        if (at < text.Length && text[at] is '"' or '\'')
        {
            var quoted = Quoted();
            return new() { Type = ExpressionType.Text, Text = _ => quoted };
        }

        if (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.' || (text[at] == '-' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]))))
        {
            var number = Numeral();
            return new() { Type = ExpressionType.Number, Number = _ => number };
        }

        var name = Name();
        return name switch
        {
            "true" or "false" => new() { Type = ExpressionType.Truth, Truth = _ => name == "true" },
            _ when Sign("(") => Call(name),
            _ => Reference(name),
        };
    }

    private ExpressionNode Call(string name)
    {
        switch (name)
        {
            case "artifact" or "size":
                var stage = Stage(Name());
                Expect(",");
                Blanks();
                var path = Quoted();
                Expect(")");
                return name == "artifact"
                    ? new() { Type = ExpressionType.Truth, Truth = book => book(stage) is not { } facts ? null : EdgeRules.HasArtifact(facts, path) ? true : facts.IsFinal ? false : null }
                    : new() { Type = ExpressionType.Number, Number = book => book(stage)?.Artifacts.FirstOrDefault(artifact => artifact.Path == path) is { Size: >= 0 } found ? found.Size : null };
            case "known":
                var inner = Sum();
                Expect(")");
                return new() { Type = ExpressionType.Truth, Truth = book => inner.Type == ExpressionType.Number ? inner.Number(book) is not null : inner.Text(book) is not null };
            case "abs":
                var number = Number(Sum());
                Expect(")");
                return new() { Type = ExpressionType.Number, Number = book => number(book) is { } value ? Math.Abs(value) : null };
            case "min" or "max":
                var one = Number(Sum());
                Expect(",");
                var other = Number(Sum());
                Expect(")");
                return new() { Type = ExpressionType.Number, Number = book => one(book) is { } a && other(book) is { } b ? name == "min" ? Math.Min(a, b) : Math.Max(a, b) : null };
            default:
                throw new FormatException($"there is no function '{name}'; artifact, size, known, abs, min and max are there");
        }
    }

    private ExpressionNode Reference(string name)
    {
        const string Allowed = "STAGE.status, STAGE.exit, STAGE.progress and STAGE.metrics.NAME are known";
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0)
        {
            throw new FormatException($"'{name}' says nothing; {Allowed}, and texts stand in quotation marks");
        }

        var stage = Stage(name[..dot]);
        var member = name[(dot + 1)..];
        return member switch
        {
            "status" => new() { Type = ExpressionType.Text, Text = book => book(stage) is { } facts ? SimulationMachine.NameOf(facts.Status) : null },
            "exit" => new() { Type = ExpressionType.Number, Number = book => book(stage)?.ExitStatus },
            "progress" => new() { Type = ExpressionType.Number, Number = book => book(stage)?.Progress },
            _ when member.StartsWith("metrics.", StringComparison.Ordinal) && member["metrics.".Length..] is { Length: > 0 } metric =>
                new() { Type = ExpressionType.Number, Number = book => book(stage) is { } facts && facts.Metrics.TryGetValue(metric, out var value) ? value : null },
            _ => throw new FormatException($"'{name}' is not known; {Allowed}"),
        };
    }

    private string Stage(string name)
    {
        Stages.Add(name);
        return name;
    }

    private static Func<Func<string, StageFacts?>, bool?> Truth(ExpressionNode node) =>
        node.Type == ExpressionType.Truth ? node.Truth : throw new FormatException("'and', 'or' and 'not' stand between statements that are true or false");

    private static Func<Func<string, StageFacts?>, double?> Number(ExpressionNode node) =>
        node.Type == ExpressionType.Number ? node.Number : throw new FormatException("only numbers can be calculated with");

    private string Name()
    {
        Blanks();
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '.' or '-'))
        {
            at++;
        }

        return at > start ? text[start..at] : throw Wrong("a name, a number, a text or '('");
    }

    private string Quoted()
    {
        if (at >= text.Length || text[at] is not ('"' or '\''))
        {
            throw Wrong("a text in quotation marks");
        }

        var end = text.IndexOf(text[at], at + 1);
        if (end < 0)
        {
            throw Wrong("a text that ends with the quotation mark with which it begins");
        }

        var quoted = text[(at + 1)..end];
        at = end + 1;
        return quoted;
    }

    private double Numeral()
    {
        var start = at++;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '.' || (text[at] is '-' or '+' && text[at - 1] is 'e' or 'E')))
        {
            at++;
        }

        return double.TryParse(text.AsSpan(start, at - start), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw new FormatException($"'{text[start..at]}' is no number");
    }

    private bool Word(string word)
    {
        Blanks();
        var end = at + word.Length;
        if (!Ahead(word) || (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '_' or '.' or '-')))
        {
            return false;
        }

        at = end;
        return true;
    }

    private bool Sign(string sign)
    {
        Blanks();
        if (!Ahead(sign))
        {
            return false;
        }

        at += sign.Length;
        return true;
    }

    private void Expect(string sign)
    {
        if (!Sign(sign))
        {
            throw Wrong($"'{sign}'");
        }
    }

    private bool Peek(char sign)
    {
        Blanks();
        return at < text.Length && text[at] == sign;
    }

    private bool Ahead(string what) => string.CompareOrdinal(text, at, what, 0, what.Length) == 0;

    private void Blanks()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }
    }

    private FormatException Wrong(string allowed) => new(at < text.Length
        ? FormattableString.Invariant($"'{text[at..]}' at letter {at + 1} is not understood; {allowed} is allowed there")
        : $"it ends where {allowed} is needed");
}
