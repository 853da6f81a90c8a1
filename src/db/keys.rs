//! Which columns the ids of records are made of.

/// How many columns an id may be joined of.
const MAX_JOINED: usize = 3;

/// The columns whose texts are the ids of all records: one that is the id, or several that are joined by the same signs.
/// A record is its id and what it says in each column.
pub(super) fn columns_of_ids(records: &[(String, Vec<String>)]) -> Option<Vec<usize>> {
    let (id, texts) = records.first()?;
    (1..=MAX_JOINED)
        .find_map(|count| {
            let mut found = Vec::new();
            candidates(id, texts, count, &mut Vec::new(), &mut found);
            found.into_iter().find(|(columns, between)| {
                records.iter().all(|(id, texts)| {
                    let parts: Vec<&str> = columns.iter().map(|&column| texts[column].as_str()).collect();
                    parts.iter().all(|part| !part.is_empty()) && parts.join(between) == *id
                })
            })
        })
        .map(|(columns, _)| columns)
}

/// The ways in which so many columns of a record can be joined to its id, with what stands between them.
fn candidates(
    id: &str,
    texts: &[String],
    count: usize,
    chosen: &mut Vec<usize>,
    found: &mut Vec<(Vec<usize>, String)>,
) {
    if chosen.len() < count {
        for column in (0..texts.len()).filter(|&column| !texts[column].is_empty() && id.contains(&texts[column])) {
            if !chosen.contains(&column) {
                chosen.push(column);
                candidates(id, texts, count, chosen, found);
                chosen.pop();
            }
        }
        return;
    }
    let length: usize = chosen.iter().map(|&column| texts[column].len()).sum();
    let gaps = count - 1;
    let Some(rest) = id.len().checked_sub(length).filter(|rest| gaps == 0 || rest % gaps == 0) else { return };
    let first = texts[chosen[0]].len();
    let Some(between) = id.get(first..first + rest.checked_div(gaps).unwrap_or(0)) else { return };
    let is_joint = !between.contains(char::is_alphanumeric);
    if is_joint && chosen.iter().map(|&column| texts[column].as_str()).collect::<Vec<_>>().join(between) == id {
        found.push((chosen.clone(), between.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(records: &[(&str, &[&str])]) -> Option<Vec<usize>> {
        let records: Vec<(String, Vec<String>)> = records
            .iter()
            .map(|(id, texts)| ((*id).to_owned(), texts.iter().map(|&text| text.to_owned()).collect()))
            .collect();
        columns_of_ids(&records)
    }

    #[test]
    fn an_id_is_one_column_or_several_joined() {
        assert_eq!(columns(&[("1", &["1", "1", "a"]), ("2", &["2", "1", "b"])]), Some(vec![0]));
        assert_eq!(columns(&[("1", &["1", "1", "a"]), ("2", &["1", "2", "b"])]), Some(vec![1]));
        assert_eq!(columns(&[("a:7", &["7", "x", "a"]), ("b:8", &["8", "y", "b"])]), Some(vec![2, 0]));
        assert_eq!(columns(&[("a/b/c", &["a", "b", "c"]), ("a/b/d", &["a", "b", "d"])]), Some(vec![0, 1, 2]));
        assert_eq!(columns(&[("A", &["a", "b"])]), None);
        assert_eq!(columns(&[("a-1", &["a", "1"]), ("b:1", &["b", "1"])]), None);
        assert_eq!(columns(&[]), None);
    }
}
