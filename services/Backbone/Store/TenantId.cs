using System.Diagnostics.CodeAnalysis;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// A tenant by its code: <c>GM</c> and four digits. Validated on construction, because it is the only
/// value that ever becomes part of a path.
/// </summary>
public readonly record struct TenantId
{
    private readonly string? _code;

    private TenantId(string code) => _code = code;

    /// <summary>The code, such as <c>GM0363</c>.</summary>
    public string Code => _code ?? throw new InvalidOperationException("A default TenantId names nobody.");

    /// <summary>Reads a code; false when it is malformed. Says nothing about whether the tenant exists.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TenantId tenant)
    {
        tenant = default;
        if (text is not ['G', 'M', var a, var b, var c, var d]
            || !char.IsAsciiDigit(a) || !char.IsAsciiDigit(b) || !char.IsAsciiDigit(c) || !char.IsAsciiDigit(d))
        {
            return false;
        }

        tenant = new TenantId(text);
        return true;
    }

    /// <summary>Reads a code that was checked before.</summary>
    /// <exception cref="FormatException">The code is malformed.</exception>
    public static TenantId Parse(string text) =>
        TryParse(text, out var tenant) ? tenant : throw new FormatException("A code is GM and four digits.");

    /// <inheritdoc/>
    public override string ToString() => Code;
}
