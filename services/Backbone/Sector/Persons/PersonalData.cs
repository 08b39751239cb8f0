using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Sector.Persons;

/// <summary>
/// Keeps persons out of texts that others read. The one place that looks for a citizen service number (BSN) in a text:
/// <see cref="BsnSearch"/> says what is found and what is not.
/// </summary>
public static class PersonalData
{
    /// <summary>What is wrong with a field that holds one.</summary>
    public const string Found = "Holds a number that passes the eleven-test of the citizen service number.";

    /// <summary>Notes texts with such a number as PERSONAL_DATA, naming their fields and never the number.</summary>
    public static void Check(FieldChecks checks, params ReadOnlySpan<(string Field, string Text)> texts)
    {
        var violations = new List<FieldViolation>();
        foreach (var (field, text) in texts)
        {
            // A text that breaks its own rule may be of any length.
            if (checks.Keeps(field) && HoldsBsn(text)) violations.Add(new FieldViolation { Field = field, Description = Found });
        }

        if (violations.Count == 0) return;
        var refusal = Refusal.Of(ErrorReason.PersonalData, "A text holds what may be a citizen service number.");
        checks.Add(refusal with { Violations = violations });
    }

    /// <summary>The same for one text.</summary>
    public static void Check(FieldChecks checks, string field, string text) => Check(checks, (field, text));

    /// <summary>Whether a text holds what may be a citizen service number.</summary>
    public static bool HoldsBsn(string text) => BsnSearch.IsIn(text);
}
