using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>The one rule of days of birth, for every call that names a person: nobody has a case or asks before they were born.</summary>
public static class BirthDates
{
    /// <summary>Whether the person was born by a day. What is absent, or breaks the rule of its own field, is named for that.</summary>
    public static bool IsBornBy(this Person? person, DateOnly? day) => !(day < person?.BirthDate.ToDayOrNull());
}
