namespace BeschutWerk.Sector.Persons;

/// <summary>A person who was looked up or added.</summary>
/// <param name="PersonId">Their record in this store.</param>
/// <param name="Differs">What was said of them that differs from the record.</param>
public readonly record struct FoundPerson(Guid PersonId, PersonDifference Differs);

/// <summary>What is said of a person, beside what is on record.</summary>
[Flags]
public enum PersonDifference
{
    /// <summary>The same.</summary>
    None = 0,

    /// <summary>Another name.</summary>
    Name = 1,

    /// <summary>Another day of birth.</summary>
    BirthDate = 2,
}
