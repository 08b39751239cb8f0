using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>Collects what is wrong with a request across its fields, so that all of it is answered at once.</summary>
public sealed class FieldChecks
{
    private readonly List<FieldViolation> _violations = [];

    /// <summary>What was found so far.</summary>
    public IReadOnlyList<FieldViolation> Violations => _violations;

    /// <summary>Notes a violation when the condition does not hold.</summary>
    /// <param name="holds">The condition.</param>
    /// <param name="field">Path of the field, in proto names.</param>
    /// <param name="description">What is wrong with it; never the value.</param>
    public void Require(bool holds, string field, string description)
    {
        if (!holds) _violations.Add(new FieldViolation { Field = field, Description = description });
    }

    /// <summary>Refuses with INVALID_FIELDS when anything was found.</summary>
    public void ThrowIfAny()
    {
        if (_violations.Count > 0) throw Refusal.Fields(_violations).ToException();
    }
}
