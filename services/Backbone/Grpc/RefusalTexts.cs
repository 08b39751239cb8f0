using System.Collections.Frozen;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf.Reflection;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>What a refusal says to a user, in Dutch: what is wrong, and what they can do. The contract says it at each reason.</summary>
public static class RefusalTexts
{
    private static readonly FrozenDictionary<ErrorReason, ReasonMeaning> ByReason = ErrorReasonReflection.Descriptor.EnumTypes
        .Single(type => type.ClrType == typeof(ErrorReason)).Values
        .ToFrozenDictionary(value => (ErrorReason)value.Number, value => value.GetOptions().GetExtension(RulesExtensions.Meaning));

    /// <summary>Both, as the user reads them.</summary>
    public static string Dutch(ErrorReason reason) => $"{ByReason[reason].Wrong} {ByReason[reason].Remedy}";

    /// <summary>What they can do.</summary>
    public static string Remedy(ErrorReason reason) => ByReason[reason].Remedy;
}
